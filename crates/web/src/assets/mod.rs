//! `/equipment`: shared devices.

mod available;
mod check_in;
mod check_out;
mod extend;
mod loan;
mod loans;
mod return_day;

use actix_web::web::ServiceConfig;
use portal_domain::assets::{CheckoutError, Condition, ExtendError, Loan, LoanNotes};
use portal_domain::branding::Feature;
use portal_domain::ids::{CheckoutId, UserId};
use portal_domain::pagination::PageRequest;
use portal_domain::store::{StorageError, TenantReader};

use crate::error::PageError;
use crate::forms::{Form, InvalidForm};
use crate::i18n::Message;

const FEATURE: Option<Feature> = Some(Feature::AssetCheckout);

const LOANS: &str = "/equipment/loans";

/// The routes under `/equipment`. Fixed paths come before those with an id.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(available::list_equipment)
        .service(loans::list_loans)
        .service(loan::show_loan)
        .service(extend::extend_loan)
        .service(check_in::ask_check_in)
        .service(check_in::check_in)
        .service(check_out::ask_check_out)
        .service(check_out::check_out);
}

fn loan_path(id: CheckoutId) -> String {
    format!("{LOANS}/{id}")
}

/// The user's active loans, those due first at the top.
pub(crate) async fn on_loan(
    reader: &dyn TenantReader,
    user: UserId,
) -> Result<Vec<Loan>, StorageError> {
    // Active loans come first, so one page has them all.
    let loans = reader.loans_of(user, PageRequest::default()).await?;
    let mut out: Vec<_> = loans.items.into_iter().filter(is_out).collect();
    sort_by_due(&mut out);
    Ok(out)
}

fn is_out(loan: &Loan) -> bool {
    loan.checkout.is_out()
}

/// Loans without a date come last.
fn sort_by_due(loans: &mut [Loan]) {
    loans.sort_by_key(|loan| {
        let due = loan.checkout.expected_return_at;
        (due.is_none(), due)
    });
}

/// The condition and notes of a checkout or checkin.
struct Remarks {
    condition: Option<Condition>,
    notes: Option<LoanNotes>,
}

impl Remarks {
    fn parse(form: &mut Form) -> Result<Self, InvalidForm> {
        let (condition, notes) = (
            form.parse_optional("condition"),
            form.parse_optional("notes"),
        );
        Ok(Self {
            condition: condition?,
            notes: notes?,
        })
    }
}

impl From<CheckoutError> for PageError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotFound => Self::NotFound,
            CheckoutError::AlreadyOut => Self::Conflict(Message::new("equipment-taken")),
            CheckoutError::DayOver => Self::Conflict(Message::new("error-date-past")),
            CheckoutError::Storage(error) => error.into(),
        }
    }
}

impl From<ExtendError> for PageError {
    fn from(error: ExtendError) -> Self {
        match error {
            ExtendError::NotFound => Self::NotFound,
            ExtendError::NotOut => Self::Conflict(Message::new("equipment-returned-already")),
            ExtendError::DayOver => Self::Conflict(Message::new("error-date-past")),
            ExtendError::Storage(error) => error.into(),
        }
    }
}
