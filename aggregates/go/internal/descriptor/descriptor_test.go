// SPDX-License-Identifier: MIT

package descriptor

import (
	"testing"
	"time"
)

func TestTheZoneIsRefolds(t *testing.T) {
	at := time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"": "12:00 UTC", "Europe/Berlin": "12:00 UTC", ":/etc/localtime": "12:00 UTC", "<+1337>-13:37": "01:37 +1337",
		"<+1337>-1": "12:00 UTC", "UTC": "12:00 UTC",
	} {
		if got := at.In(zoneOf(text)).Format("15:04 MST"); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}
