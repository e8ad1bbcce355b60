//! Text forms: one macro for the enums whose values are names, one for everything that serialises as the string it
//! prints as.

/// Serialises a type as the string that it prints as, and reads it back by its `FromStr`.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Gives an enum without fields the names of its values: `ALL`, `name`, `Display`, `FromStr` and serde.
///
/// The `match` in `name` does not compile while a value has no name. `$what` says in errors what the names are of.
macro_rules! named {
    ($type:ident, $what:literal, $($value:ident = $name:expr),+ $(,)?) => {
        impl $type {
            /// All values, in the order of their declaration.
            pub const ALL: &'static [$type] = &[$($type::$value),+];

            /// The name: what it prints as, and what it is parsed from.
            pub const fn name(self) -> &'static str {
                match self { $($type::$value => $name),+ }
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.name())
            }
        }

        impl core::str::FromStr for $type {
            type Err = crate::error::Error;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.iter().copied().find(|known| known.name() == name);
                known.ok_or_else(|| {
                    let names: Vec<&str> = Self::ALL.iter().map(|known| known.name()).collect();
                    crate::error::Error::unknown_name($what, name, Some(format!("one of {}", names.join(", "))))
                })
            }
        }

        crate::text_form::serde_as_text!($type);
    };
}

pub(crate) use {named, serde_as_text};
