//! Closed word lists: one enum for the code, the same words for the check.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ } or $fallback:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
        }

        impl $name {
            /// The words as a configuration spells them.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as a configuration spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads a checked word; what slipped past the check counts as the default.
            pub(crate) fn read(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    _ => Self::$fallback,
                }
            }
        }
    };
}

pub(crate) use words;
