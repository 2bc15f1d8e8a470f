//! Mails about borrowed devices.

use chrono::{DateTime, Utc};
use portal_domain::assets::Loan;
use portal_domain::ids::CheckoutId;
use portal_domain::profiles::PortalUser;
use portal_domain::store::TenantScope;

use super::{Draft, DraftError, Drafter, OrganizationView, found, notified};
use crate::content::Content;

/// A loan with the borrower who is reminded of it.
struct Borrowed {
    loan: Loan,
    expected: DateTime<Utc>,
    borrower: PortalUser,
    from: OrganizationView,
}

impl Drafter<'_> {
    async fn borrowed(&self, scope: TenantScope, id: CheckoutId) -> Result<Borrowed, DraftError> {
        let reader = self.store.reader(scope).await?;
        let loan = found(reader.loan(id).await?, "no such loan")?;
        if !loan.checkout.is_out() {
            return Err(DraftError::Unwanted("the device is back"));
        }
        let expected = found(loan.checkout.expected_return_at, "no date of return")?;
        let borrower = notified(reader.account(loan.checkout.checked_out_to).await?)?;
        let from = self.sender(&*reader).await?;
        Ok(Borrowed {
            loan,
            expected,
            borrower,
            from,
        })
    }

    pub(super) async fn loan_due(
        &self,
        scope: TenantScope,
        checkout: CheckoutId,
    ) -> Result<Draft, DraftError> {
        let Borrowed {
            loan,
            expected,
            borrower,
            from,
        } = self.borrowed(scope, checkout).await?;
        let zone = from.organization.time_zone;
        let due = zone.day_of(expected);
        // It is told the day before, and still where that was missed; but then as overdue.
        let days_left = (due - zone.day_of(self.env.now())).num_days();
        if !(0..=1).contains(&days_left) {
            return Err(DraftError::Unwanted("the date of return has moved"));
        }
        let content = Content::LoanDue {
            name: borrower.name.clone(),
            device: Box::new(loan.device),
            due,
            link: from.links.home(),
        };
        Ok(Draft::to_user(&borrower, from.brand(), content))
    }

    pub(super) async fn loan_overdue(
        &self,
        scope: TenantScope,
        checkout: CheckoutId,
    ) -> Result<Draft, DraftError> {
        let Borrowed {
            loan,
            expected,
            borrower,
            from,
        } = self.borrowed(scope, checkout).await?;
        if !loan.checkout.is_overdue(self.env.now()) {
            return Err(DraftError::Unwanted("the date of return has moved"));
        }
        let content = Content::LoanOverdue {
            name: borrower.name.clone(),
            device: Box::new(loan.device),
            due: from.organization.time_zone.day_of(expected),
            link: from.links.home(),
        };
        Ok(Draft::to_user(&borrower, from.brand(), content))
    }
}
