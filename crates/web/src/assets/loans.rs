//! `GET /equipment/loans`.

use actix_web::get;
use askama::Template;
use portal_domain::assets::Loan;

use super::{FEATURE, LOANS, is_out, sort_by_due};
use crate::layout::{Frame, PageResult, Pager};
use crate::requests::{UserRequest, redirect};

const PAGE_SIZE: &str = "20";

#[derive(Template)]
#[template(path = "assets/loans.html")]
struct LoansPage {
    frame: Frame,
    /// Active loans, those due first at the top.
    out: Vec<Loan>,
    /// Returned loans, newest first.
    returned: Vec<Loan>,
    pager: Pager,
}

/// The user's loans, past and present.
#[get("/equipment/loans")]
pub(super) async fn list_loans(request: UserRequest) -> PageResult {
    let page_request = request.context.page(PAGE_SIZE);
    let (frame, loans) = request
        .read(FEATURE, async |reader| {
            Ok(reader.loans_of(request.user_id(), page_request).await?)
        })
        .await?;
    let pager = Pager::new(LOANS, &[], page_request, loans.total);
    if let Some(last) = pager.beyond_end() {
        return Ok(redirect(last));
    }
    let (mut out, returned): (Vec<_>, Vec<_>) = loans.items.into_iter().partition(is_out);
    sort_by_due(&mut out);
    let page = LoansPage {
        frame,
        out,
        returned,
        pager,
    };
    page.frame.show(&page)
}
