// SPDX-License-Identifier: MIT
//! What an aggregate's author writes, and what it is to the conversation: a `Folder`.

use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{json, Map};

use crate::state::{self, NoState};
use crate::{Command, Event, Refusal, Shape, Time};

/// An aggregate is its state: empty by `Default`, shown by serde, changed by [`Aggregate::apply`].
///
/// All that is called here must be pure: the same events give the same state on every machine. No
/// clock, no random numbers, no environment, nothing kept between calls but the state. Mind the
/// order of a `HashMap`, which is random: it may stand in a state (refold sorts the keys), but not
/// decide anything.
///
/// A panic is a crash: refold reports it with its message and stack, and goes on with the next
/// instance.
pub trait Aggregate: Default + Serialize + Sized + 'static {
    /// 1 to 100 of `A-Z a-z 0-9 . _ -`, no dot in front, no `.pending` behind: it names the golden's file.
    const NAME: &'static str;
    /// Raise it when the meaning of the state changes.
    const STATE_VERSION: u32 = 1;
    /// The event types that it knows. `"*"` takes all, and events of any aggregate that no other
    /// one claims.
    const TYPES: &'static [&'static str];

    /// Fold one event into the state. Where it is refused, the state may be half changed: refold
    /// goes back to the one before.
    fn apply(&mut self, event: &Event) -> Result<(), Refusal>;

    /// What else it can do.
    fn define(definition: Definition<Self>) -> Definition<Self> {
        definition
    }
}

/// An event that a command makes.
pub struct NewEvent {
    pub(crate) type_name: String,
    pub(crate) data: Result<Vec<u8>, String>,
}

impl NewEvent {
    /// Without data of its own: `{}`.
    pub fn new(type_name: &str) -> NewEvent {
        NewEvent { type_name: type_name.into(), data: Ok(b"{}".to_vec()) }
    }

    /// With what serde makes of `data`.
    pub fn with<T: Serialize + ?Sized>(type_name: &str, data: &T) -> NewEvent {
        let mut json = Vec::new();
        let data = match state::write(data, &mut json) {
            Ok(()) => Ok(json),
            Err(NoState::Other(text)) => Err(text),
            Err(NoState::NonFinite(pointer)) => Err(format!("{pointer} is not finite")),
        };
        NewEvent { type_name: type_name.into(), data: data.map_err(|why| format!("{type_name}: its data: {why}")) }
    }
}

/// What [`Definition::identifies`] tells of a payload.
#[derive(Clone, Debug, Default)]
pub struct Identified {
    pub id: String,
    pub type_name: String,
    pub version: Option<i64>,
    pub at: Option<Time>,
    /// JSON. `None`: the payload itself, see [`Event::payload`].
    pub data: Option<serde_json::Value>,
}

impl Identified {
    fn describe(self) -> serde_json::Value {
        let mut members = Map::new();
        members.insert("id".into(), json!(self.id));
        members.insert("type".into(), json!(self.type_name));
        members.extend(self.version.map(|version| ("version".into(), json!(version))));
        members.extend(self.at.map(|at| ("at".into(), json!(at))));
        members.extend(self.data.map(|data| ("data".into(), data)));
        members.into()
    }
}

/// An event in today's shape: its type and its data, as JSON.
pub type Upcast = (String, String);

type Handled = Result<Vec<NewEvent>, Refusal>;
type Handle<S> = fn(&S, &Command) -> Handled;
type Check<S> = fn(&S, &Event) -> Result<(), Refusal>;
type BringUp = fn(&Event) -> Result<Option<Upcast>, Refusal>;
type Identify = fn(&[u8]) -> Result<Option<Identified>, String>;
type Restore<S> = fn(&str) -> Result<S, String>;

/// What an aggregate can do beside folding; each is optional.
pub struct Definition<S> {
    /// Of the instance at hand.
    state: Option<S>,
    commands: &'static [&'static str],
    handle: Option<Handle<S>>,
    check: Option<Check<S>>,
    upcast: Option<BringUp>,
    identify: Option<Identify>,
    restore: Option<Restore<S>>,
    shape: Option<Shape>,
}

impl<S: Aggregate> Definition<S> {
    /// It decides what these commands do to a state: events, or a refusal.
    pub fn handles(mut self, commands: &'static [&'static str], handle: Handle<S>) -> Self {
        self.commands = commands;
        self.handle = Some(handle);
        self
    }

    /// Invariants of the state, looked at behind each event. Where one does not hold the event is
    /// refused.
    pub fn checks(mut self, check: Check<S>) -> Self {
        self.check = Some(check);
        self
    }

    /// Events are brought into today's shape before they are applied; `None` leaves one as it is.
    pub fn upcasts(mut self, upcast: BringUp) -> Self {
        self.upcast = Some(upcast);
        self
    }

    /// Payloads that are no JSON: `None`, where one is not this aggregate's; an error, where it
    /// should be and cannot be read.
    pub fn identifies(mut self, identify: Identify) -> Self {
        self.identify = Some(identify);
        self
    }

    /// It can begin with the state of an earlier run, as serde reads it.
    pub fn restores(mut self) -> Self
    where
        S: DeserializeOwned,
    {
        self.restore = Some(|json| serde_json::from_str(json).map_err(|error| error.to_string()));
        self
    }

    /// Of the whole state: a struct's, or that of whatever serde makes of it.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = Some(shape);
        self
    }
}

/// An aggregate as the conversation drives it: with one state, that of the instance at hand.
pub trait Folder {
    #[doc(hidden)]
    fn describe(&self) -> serde_json::Value;
    /// Whether it applies events of this type, and handles commands of this name.
    #[doc(hidden)]
    fn names(&self, name: &str) -> (bool, bool);
    #[doc(hidden)]
    fn identifies(&self) -> bool;
    #[doc(hidden)]
    fn begin(&mut self);
    #[doc(hidden)]
    fn restore(&mut self, json: &str) -> Result<(), String>;
    #[doc(hidden)]
    fn apply(&mut self, event: &Event) -> Result<(), Refusal>;
    #[doc(hidden)]
    fn state(&self, out: &mut Vec<u8>) -> Result<(), NoState>;
    #[doc(hidden)]
    fn handle(&self, command: &Command) -> Option<Handled>;
    #[doc(hidden)]
    fn end(&mut self);
    #[doc(hidden)]
    fn identify(&self, payload: &[u8]) -> Option<serde_json::Value>;
}

impl<S: Aggregate> Folder for Definition<S> {
    fn describe(&self) -> serde_json::Value {
        let mut described = json!({
            "name": S::NAME,
            "state_version": S::STATE_VERSION,
            "types": S::TYPES,
            "restores": self.restore.is_some(),
            "identifies": self.identify.is_some(),
            "upcasts": self.upcast.is_some(),
            "checks": self.check.is_some(),
        });
        if self.handle.is_some() {
            described["commands"] = json!(self.commands);
        }
        if let Some(shape) = &self.shape {
            described["shape"] = shape.describe();
        }
        described
    }

    fn names(&self, name: &str) -> (bool, bool) {
        let named = |names: &[&str]| names.contains(&name) || names.contains(&"*");
        (named(S::TYPES), named(self.commands))
    }

    fn identifies(&self) -> bool {
        self.identify.is_some()
    }

    fn begin(&mut self) {
        self.state = Some(S::default());
    }

    fn restore(&mut self, json: &str) -> Result<(), String> {
        let restore = self.restore.ok_or("it restores no states")?;
        self.state = Some(restore(json)?);
        Ok(())
    }

    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        match self.upcast.map_or(Ok(None), |upcast| upcast(event))? {
            None => self.apply_todays(event),
            Some((type_name, data)) => {
                self.check_type(event, &type_name)?;
                let members = Default::default();
                self.apply_todays(&Event { type_name: &type_name, data: &data, members: &members, ..*event })
            }
        }
    }

    fn state(&self, out: &mut Vec<u8>) -> Result<(), NoState> {
        state::write(self.made(), out)
    }

    fn handle(&self, command: &Command) -> Option<Handled> {
        self.handle.map(|handle| handle(self.made(), command))
    }

    fn end(&mut self) {
        self.state = None;
    }

    fn identify(&self, payload: &[u8]) -> Option<serde_json::Value> {
        match self.identify?(payload) {
            Ok(identified) => identified.map(Identified::describe),
            Err(text) => Some(json!({ "error": text })),
        }
    }
}

/// Bytes of an event type, as refold has them.
const LONGEST_TYPE: usize = 1024;

impl<S: Aggregate> Definition<S> {
    /// Of what an event was made by `upcast`: what the aggregate does not declare is not folded,
    /// whatever `apply` would do with it.
    fn check_type(&self, event: &Event, made: &str) -> Result<(), Refusal> {
        if made == event.type_name {
            return Ok(());
        }
        if made.is_empty() || made.len() > LONGEST_TYPE {
            return Err("upcast made it of a type that is not 1 to 1024 bytes of UTF-8".into());
        }
        if !self.names(made).0 {
            return Err(format!("upcast made it a {made}, which the table of types does not have").into());
        }
        Ok(())
    }

    fn made(&self) -> &S {
        self.state.as_ref().expect("an instance has begun")
    }

    fn apply_todays(&mut self, event: &Event) -> Result<(), Refusal> {
        let state = self.state.as_mut().expect("an instance has begun");
        state.apply(event)?;
        match self.check {
            Some(check) => check(state, event),
            None => Ok(()),
        }
    }
}

/// An aggregate for [`crate::run`].
pub fn aggregate<S: Aggregate>() -> Box<dyn Folder> {
    Box::new(S::define(Definition {
        state: None,
        commands: &[],
        handle: None,
        check: None,
        upcast: None,
        identify: None,
        restore: None,
        shape: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes whatever it is given.
    #[derive(Default, serde::Serialize)]
    struct Seen(Vec<String>);

    impl Aggregate for Seen {
        const NAME: &'static str = "seen";
        const TYPES: &'static [&'static str] = &["Once", "Today"];

        fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
            self.0.push(event.type_name().into());
            Ok(())
        }

        fn define(definition: Definition<Self>) -> Definition<Self> {
            definition.upcasts(bring_up)
        }
    }

    /// Declares all types.
    #[derive(Default, serde::Serialize)]
    struct Any(u8);

    impl Aggregate for Any {
        const NAME: &'static str = "any";
        const TYPES: &'static [&'static str] = &["*"];

        fn apply(&mut self, _event: &Event) -> Result<(), Refusal> {
            Ok(())
        }

        fn define(definition: Definition<Self>) -> Definition<Self> {
            definition.upcasts(bring_up)
        }
    }

    /// The event's data is the type that it gets.
    fn bring_up(event: &Event) -> Result<Option<Upcast>, Refusal> {
        Ok(Some((event.data().into(), "{}".into())))
    }

    fn apply(folder: &mut Box<dyn Folder>, data: &str) -> String {
        let (aggregate, id, type_name, version, at) = ("a", "1", "Once", 1, None);
        let members = &Default::default();
        match folder.apply(&Event { aggregate, id, type_name, version, at, data, members }) {
            Ok(()) => "applied".into(),
            Err(Refusal(text)) => text,
        }
    }

    #[test]
    fn what_upcast_makes_of_an_event_must_be_declared() {
        let (mut seen, mut any) = (aggregate::<Seen>(), aggregate::<Any>());
        seen.begin();
        any.begin();
        assert_eq!(apply(&mut seen, "Today"), "applied");
        assert_eq!(apply(&mut seen, "Once"), "applied");
        let told = "upcast made it a Unknown, which the table of types does not have";
        assert_eq!(apply(&mut seen, "Unknown"), told);
        assert_eq!(apply(&mut any, "Unknown"), "applied");
        let told = "upcast made it of a type that is not 1 to 1024 bytes of UTF-8";
        for made in ["", &"x".repeat(1025)] {
            assert_eq!(apply(&mut seen, made), told);
            assert_eq!(apply(&mut any, made), told);
        }
        let mut state = Vec::new();
        assert!(seen.state(&mut state).is_ok());
        assert_eq!(state, br#"["Today","Once"]"#, "what is refused is not applied");
    }
}
