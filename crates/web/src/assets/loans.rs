//! `GET /equipment/loans`.

use actix_web::get;
use askama::Template;
use portal_domain::assets::Loan;
use portal_domain::pagination::PageRequest;

use super::{FEATURE, LOANS, is_out, sort_by_due};
use crate::layout::{Frame, PageResult, Pager};
use crate::session::{Visit, see_other};

/// How many loans a page shows.
const SHOWN: &str = "20";

#[derive(Template)]
#[template(path = "assets/loans.html")]
struct LoansPage {
    frame: Frame,
    /// What the visitor has, what is due first before the rest.
    out: Vec<Loan>,
    /// What they returned, newest loan first.
    returned: Vec<Loan>,
    pager: Pager,
}

/// What the visitor has on loan, and had.
#[get("/equipment/loans")]
pub(super) async fn list_loans(visit: Visit) -> PageResult {
    let asked = PageRequest::parse(Some(&visit.context.query("page")), Some(SHOWN));
    let (frame, loans) = visit
        .read(FEATURE, async |reader| {
            Ok(reader.loans_of(visit.user(), asked).await?)
        })
        .await?;
    let pager = Pager::new(LOANS, &[], asked, loans.total);
    if let Some(last) = pager.beyond_end() {
        return Ok(see_other(last));
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
