// SPDX-License-Identifier: MIT

package refold

import "encoding/json"

// description is what a program says of itself.
type description struct {
	Protocol   int         `json:"protocol"`
	Speaker    string      `json:"speaker"`
	Aggregates []aggregate `json:"aggregates"`
}

type aggregate struct {
	Name         string   `json:"name"`
	StateVersion int64    `json:"state_version"`
	Types        []string `json:"types"`
	Commands     []string `json:"commands,omitempty"`
	Restores     bool     `json:"restores"`
	Identifies   bool     `json:"identifies"`
	Upcasts      bool     `json:"upcasts"`
	Checks       bool     `json:"checks"`
	Shape        *shape   `json:"shape,omitempty"`
}

func describe(aggregates []*Aggregate) description {
	told := description{Protocol: Protocol, Speaker: speaker, Aggregates: []aggregate{}}
	for _, a := range aggregates {
		told.Aggregates = append(told.Aggregates, aggregate{
			Name:         a.name,
			StateVersion: a.stateVersion,
			Types:        a.types,
			Commands:     a.commands,
			Restores:     a.restores,
			Identifies:   a.identify != nil,
			Upcasts:      a.upcast != nil,
			Checks:       a.check != nil,
			Shape:        a.shape,
		})
	}
	return told
}

func (t *talk) hello(frame payload) {
	var asked struct {
		Protocol *int64 `json:"protocol"`
	}
	if err := json.Unmarshal(frame, &asked); err != nil || asked.Protocol == nil {
		wrong("HELLO names no protocol")
	}
	t.greeted = true
	t.begin(kindHelloBack, t.number)
	text, err := json.Marshal(describe(t.aggregates))
	if err != nil {
		wrong("the descriptor has no JSON: %v", err)
	}
	t.out.bytes = append(t.out.bytes, text...)
	t.done()
	if *asked.Protocol != Protocol {
		t.flush()
		wrong("refold speaks the worker protocol %d, and this program was built for %d", *asked.Protocol, Protocol)
	}
}
