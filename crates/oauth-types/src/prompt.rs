/// A known word of `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// No page may be shown.
    None,
    /// The user has to log in again.
    Login,
    /// The user has to consent again.
    Consent,
}

/// The words of `prompt`, unknown ones included: they are refused late, as Hydra does.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Prompts(Vec<String>);

impl Prompts {
    /// Splits on blanks and drops empty words; letter case counts.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(
            text.split(' ')
                .map(str::trim)
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Whether a word was given.
    #[must_use]
    pub fn has(&self, prompt: Prompt) -> bool {
        let word = match prompt {
            Prompt::None => "none",
            Prompt::Login => "login",
            Prompt::Consent => "consent",
        };
        self.0.iter().any(|w| w == word)
    }

    /// Whether this is the only word.
    #[must_use]
    pub fn is_exactly(&self, prompt: Prompt) -> bool {
        self.0.len() == 1 && self.has(prompt)
    }

    /// All words, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The number of words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no word was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
