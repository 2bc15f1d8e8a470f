//! The structure of a mail's body, independent of text or HTML.

/// What both parts of a mail are rendered from.
pub struct MailBody {
    pub(super) subject: String,
    pub(super) heading: String,
    pub(super) blocks: Vec<Block>,
    /// Who reads answers to this mail.
    pub(super) answers: Option<String>,
    /// Why the recipient gets this mail.
    pub(super) reason: Option<String>,
}

/// A piece of a body.
pub(super) enum Block {
    /// A paragraph of our own words.
    Paragraph(String),
    /// Labels with their values.
    Facts(Vec<(String, String)>),
    /// What somebody wrote, line by line as they did.
    Quote(String),
    /// Something to do, behind a link.
    Action { label: String, url: String },
}

impl MailBody {
    pub(super) const fn new(subject: String, heading: String) -> Self {
        Self {
            subject,
            heading,
            blocks: Vec::new(),
            answers: None,
            reason: None,
        }
    }

    pub(super) fn paragraph(self, text: String) -> Self {
        self.block(Block::Paragraph(text))
    }

    pub(super) fn facts(self, facts: impl Into<Vec<(String, String)>>) -> Self {
        self.block(Block::Facts(facts.into()))
    }

    pub(super) fn quote(self, text: &str) -> Self {
        // What some programs show as a line break would end the marks of a quotation.
        let text = text.replace(['\u{2028}', '\u{2029}'], "\n");
        self.block(Block::Quote(text))
    }

    pub(super) fn action(self, label: String, url: &str) -> Self {
        let url = url.to_owned();
        self.block(Block::Action { label, url })
    }

    /// Facts that stand before the buttons.
    pub(super) fn facts_before_actions(mut self, facts: impl Into<Vec<(String, String)>>) -> Self {
        let is_action = |block: &Block| matches!(block, Block::Action { .. });
        let place = self.blocks.iter().position(is_action);
        let place = place.unwrap_or(self.blocks.len());
        self.blocks.insert(place, Block::Facts(facts.into()));
        self
    }

    fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    pub(super) fn answers(mut self, text: String) -> Self {
        self.answers = Some(text);
        self
    }

    pub(super) fn reason(mut self, text: String) -> Self {
        self.reason = Some(text);
        self
    }
}
