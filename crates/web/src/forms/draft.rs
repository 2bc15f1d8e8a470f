//! Forms that could not be accepted as they were sent, to be sent again.

use portal_domain::ids::UserId;
use portal_session::CSRF_FIELD;

use super::Form;
use crate::requests::LocalPath;

/// The hidden field with the id of the user that a form was shown to.
const VIEWER_FIELD: &str = "viewer";

/// What somebody typed into a form that was not accepted: the session had ended, or somebody else
/// had signed in since the page was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    action: String,
    fields: Vec<(String, String)>,
}

impl Draft {
    /// A draft of the form that was sent to the path `action`. CSRF tokens and passwords are left
    /// out.
    pub(crate) fn new(action: &str, fields: Vec<(String, String)>) -> Self {
        let fields = fields
            .into_iter()
            .filter(|(name, _)| name != CSRF_FIELD && !is_password(name))
            .collect();
        Self {
            action: action.to_owned(),
            fields,
        }
    }

    /// Puts the draft into the hidden fields of the sign-in page.
    pub(crate) fn fill(&self, form: Form) -> Form {
        let fields = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish();
        form.fill("draft-action", self.action.as_str())
            .fill("draft", fields)
    }

    /// The draft in the hidden fields of the sign-in page, if there is one.
    pub(crate) fn of(form: &Form) -> Option<Self> {
        let action: LocalPath = form.value("draft-action").parse().ok()?;
        let fields = url::form_urlencoded::parse(form.value("draft").as_bytes());
        let draft = Self::new(action.as_str(), fields.into_owned().collect());
        (!draft.is_empty()).then_some(draft)
    }

    /// Whether nothing was typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.iter().all(|(name, _)| name == VIEWER_FIELD)
    }

    /// Whether the form was shown to this user. Nobody else may see what was typed.
    pub(crate) fn is_of(&self, user: UserId) -> bool {
        let viewer = self.fields.iter().find(|(name, _)| name == VIEWER_FIELD);
        viewer.is_some_and(|(_, id)| id.parse() == Ok(user))
    }

    /// The path that the form is sent to.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// The fields, in their order.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

fn is_password(name: &str) -> bool {
    name.ends_with("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_keeps_what_was_typed_but_no_secrets() {
        let typed = [
            ("csrf", "token"),
            ("subject", "Büro & Co"),
            ("current-password", "secret"),
            ("subject", "again"),
        ];
        let owned = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let draft = Draft::new("/tickets/new", owned.to_vec());
        let form = draft.fill(Form::default());
        assert_eq!(
            form.value("draft"),
            "subject=B%C3%BCro+%26+Co&subject=again"
        );
        assert_eq!(Draft::of(&form), Some(draft));
        for (action, fields) in [
            ("/", "csrf=a&password=b"),
            ("https://evil.example/", "subject=a"),
            ("//evil.example/", "subject=a"),
            ("", "subject=a"),
        ] {
            let form = Form::default().fill("draft-action", action);
            assert_eq!(Draft::of(&form.fill("draft", fields)), None, "{action}");
        }
    }
}
