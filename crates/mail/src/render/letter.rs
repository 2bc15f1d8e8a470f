//! The structure of a mail's body, independent of text or HTML.

/// What both parts of a mail are rendered from.
pub(super) struct Letter {
    /// The name at its head and its foot.
    pub(super) sender: String,
    pub(super) subject: String,
    pub(super) heading: String,
    pub(super) blocks: Vec<Block>,
    /// Why the reader gets this mail.
    pub(super) reason: Option<String>,
}

/// A piece of a letter.
pub(super) enum Block {
    /// A paragraph of our own words.
    Paragraph(String),
    /// Names with their values.
    Facts(Vec<Fact>),
    /// What somebody wrote, line by line as they did.
    Quote(String),
    /// Something to do, behind a link.
    Action { label: String, url: String },
}

/// A name with its value.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

impl Letter {
    pub(super) const fn new(sender: String, subject: String, heading: String) -> Self {
        Self {
            sender,
            subject,
            heading,
            blocks: Vec::new(),
            reason: None,
        }
    }

    pub(super) fn paragraph(mut self, text: String) -> Self {
        self.blocks.push(Block::Paragraph(text));
        self
    }

    pub(super) fn facts<const N: usize>(mut self, facts: [(String, String); N]) -> Self {
        let facts = facts
            .into_iter()
            .map(|(name, value)| Fact { name, value })
            .collect();
        self.blocks.push(Block::Facts(facts));
        self
    }

    pub(super) fn quote(mut self, text: &str) -> Self {
        self.blocks.push(Block::Quote(text.to_owned()));
        self
    }

    pub(super) fn action(mut self, label: String, url: &str) -> Self {
        let url = url.to_owned();
        self.blocks.push(Block::Action { label, url });
        self
    }

    pub(super) fn reason(mut self, text: String) -> Self {
        self.reason = Some(text);
        self
    }
}
