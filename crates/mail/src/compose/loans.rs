//! Mails about borrowed devices.

use chrono::NaiveDate;
use portal_domain::assets::Loan;
use portal_domain::ids::CheckoutId;
use portal_domain::profiles::{NotificationKind, PortalUser};
use portal_domain::store::TenantScope;

use super::{ComposeError, Composer, Sender, ensure, found, notified};
use crate::outgoing::Letter;

/// A loan with the borrower who is reminded of it.
struct Borrowed {
    loan: Loan,
    due: NaiveDate,
    borrower: PortalUser,
    unsubscribe: String,
    sender: Sender,
}

impl Composer<'_> {
    async fn borrowed(&self, scope: TenantScope, id: CheckoutId) -> Result<Borrowed, ComposeError> {
        let reader = self.store.reader(scope).await?;
        let loan = found(reader.loan(id).await?, "no such loan")?;
        ensure(loan.checkout.is_out(), "the device is back")?;
        let expected = found(loan.checkout.expected_return_at, "no date of return")?;
        let account = reader.account(loan.checkout.checked_out_to).await?;
        let borrower = notified(account, NotificationKind::Loans)?;
        let sender = self.sender(&*reader).await?;
        Ok(Borrowed {
            loan,
            due: sender.organization.time_zone.day_of(expected),
            unsubscribe: self.unsubscribe(&sender.links, &borrower, NotificationKind::Loans),
            borrower,
            sender,
        })
    }

    pub(super) async fn loan_due(
        &self,
        scope: TenantScope,
        checkout: CheckoutId,
    ) -> Result<Letter, ComposeError> {
        let about = self.borrowed(scope, checkout).await?;
        // Sent the day before, or on the day itself if the mail is late; after that the loan is overdue.
        let today = about.sender.organization.time_zone.day_of(self.env.now());
        let is_soon = (0..=1).contains(&(about.due - today).num_days());
        ensure(is_soon, "the date of return has moved")?;
        let link = about.sender.links.home();
        Letter::to_subscriber(
            about.borrower,
            about.sender.brand,
            about.unsubscribe,
            |mail| mail.loan_due(&about.loan.device, about.due, &link),
        )
    }

    pub(super) async fn loan_overdue(
        &self,
        scope: TenantScope,
        checkout: CheckoutId,
    ) -> Result<Letter, ComposeError> {
        let about = self.borrowed(scope, checkout).await?;
        let zone = about.sender.organization.time_zone;
        let is_overdue = about.loan.checkout.is_overdue(zone, self.env.now());
        ensure(is_overdue, "the date of return has moved")?;
        let link = about.sender.links.home();
        Letter::to_subscriber(
            about.borrower,
            about.sender.brand,
            about.unsubscribe,
            |mail| mail.loan_overdue(&about.loan.device, about.due, &link),
        )
    }
}
