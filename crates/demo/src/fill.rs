//! Seeds an organization: each event of its script is a call of a use case.

use portal_domain::actors::{Customer, Operator, Technician};
use portal_domain::assets::{self, CheckinRequest, CheckoutRequest};
use portal_domain::audit::ClientInfo;
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::devices::{self, DeviceRecord, DeviceStatus};
use portal_domain::ids::TicketId;
use portal_domain::operation::Operation;
use portal_domain::profiles::{self, NewUser};
use portal_domain::store::TenantTransaction;
use portal_domain::tickets::{self, ExternalTicket, NewTicket, Triage};

use crate::clock::{DemoClock, When, day, minutes_ago};
use crate::error::{DemoError, parse, parse_some};
use crate::script::{Branding, Deed, Device, Loan, Organization, Person, Return, Standing, Ticket};

/// When the inventory first listed the devices.
const ENROLMENT: When = day(62, 7, 30);

/// When the inventory last reported.
const INVENTORY: When = minutes_ago(1);

/// Tells the story of an organization of which there is nothing yet but its row.
///
/// # Errors
///
/// See [`DemoError`].
pub(crate) async fn fill(
    tx: &dyn TenantTransaction,
    clock: DemoClock<'_>,
    story: &Organization,
    password_hash: &str,
) -> Result<(), DemoError> {
    let operator = operator()?;
    let narrator = Narrator {
        tx,
        clock,
        operator: &operator,
    };
    narrator.brand(story.since, &story.branding).await?;
    for person in story.people {
        narrator.welcome(person, password_hash).await?;
    }
    for device in story.devices {
        narrator.enrol(device).await?;
    }
    for ticket in story.tickets.iter().copied().flatten() {
        narrator.ticket(ticket).await?;
    }
    for loan in story.loans {
        narrator.loan(loan).await?;
    }
    for device in story.devices {
        narrator.take_inventory(device).await?;
    }
    for person in story.people {
        narrator.sign_in_or_leave(person).await?;
    }
    Ok(())
}

/// Who did what nobody in the story did.
pub(crate) fn operator() -> Result<Operator, DemoError> {
    Ok(Operator::named(parse("Demo")?))
}

struct Narrator<'a> {
    tx: &'a dyn TenantTransaction,
    clock: DemoClock<'a>,
    operator: &'a Operator,
}

impl Narrator<'_> {
    async fn brand(&self, at: When, branding: &Branding) -> Result<(), DemoError> {
        let clock = self.clock.at(at);
        let op = Operation::new(self.tx, self.operator, &clock);
        let changes = BrandingChanges {
            primary_color: Some(Some(parse(branding.primary_color)?)),
            secondary_color: Some(Some(parse(branding.secondary_color)?)),
            accent_color: Some(Some(parse(branding.accent_color)?)),
            custom_domain: Some(Some(parse(branding.custom_domain)?)),
            welcome_message: Some(Some(parse(branding.welcome_message)?)),
            support_email: Some(Some(parse(branding.support_email)?)),
            support_phone: Some(Some(parse(branding.support_phone)?)),
            footer_text: Some(Some(parse(branding.footer_text)?)),
            ..BrandingChanges::default()
        };
        branding::change(&op, changes).await?;
        branding::verify_domain(&op).await?;
        Ok(())
    }

    async fn welcome(&self, person: &Person, password_hash: &str) -> Result<(), DemoError> {
        let clock = self.clock.at(person.since);
        let op = Operation::new(self.tx, self.operator, &clock);
        let invited = matches!(person.standing, Standing::Invited);
        let new = NewUser {
            email: parse(person.email)?,
            name: parse_some(person.name)?,
            locale: None,
            password_hash: (!invited).then(|| password_hash.to_owned()),
        };
        profiles::create(&op, new, invited).await?;
        Ok(())
    }

    async fn sign_in_or_leave(&self, person: &Person) -> Result<(), DemoError> {
        match person.standing {
            Standing::Active { last_sign_in } => {
                let customer = self.customer(person.email).await?;
                let clock = self.clock.at(last_sign_in);
                profiles::record_sign_in(&Operation::new(self.tx, &customer, &clock)).await?;
            }
            Standing::Left { at } => {
                let clock = self.clock.at(at);
                let op = Operation::new(self.tx, self.operator, &clock);
                profiles::disable(&op, &parse(person.email)?).await?;
            }
            Standing::Invited => {}
        }
        Ok(())
    }

    async fn enrol(&self, device: &Device) -> Result<(), DemoError> {
        let known = record(device)?;
        let record = DeviceRecord {
            status: DeviceStatus::Pending,
            last_seen_at: None,
            ..known
        };
        let clock = self.clock.at(ENROLMENT);
        devices::upsert(&Operation::new(self.tx, self.operator, &clock), record).await?;
        Ok(())
    }

    async fn take_inventory(&self, device: &Device) -> Result<(), DemoError> {
        let last_seen_at = device.last_seen.map(|when| self.clock.instant(when));
        let record = DeviceRecord {
            last_seen_at,
            ..record(device)?
        };
        let clock = self.clock.at(INVENTORY);
        devices::upsert(&Operation::new(self.tx, self.operator, &clock), record).await?;
        Ok(())
    }

    async fn ticket(&self, ticket: &Ticket) -> Result<(), DemoError> {
        let customer = self.customer(ticket.by).await?;
        let new = NewTicket {
            subject: parse(ticket.subject)?,
            description: parse(ticket.description)?,
            priority: ticket.priority,
        };
        let clock = self.clock.at(ticket.at);
        let submitted = tickets::submit(&Operation::new(self.tx, &customer, &clock), new).await?;
        for (at, deed) in ticket.then {
            self.deed(self.clock.at(*at), &customer, submitted.id, deed)
                .await?;
        }
        Ok(())
    }

    async fn deed(
        &self,
        clock: DemoClock<'_>,
        customer: &Customer,
        id: TicketId,
        deed: &Deed,
    ) -> Result<(), DemoError> {
        let by_operator = Operation::new(self.tx, self.operator, &clock);
        let by_customer = Operation::new(self.tx, customer, &clock);
        match *deed {
            Deed::Triage(priority) => {
                tickets::triage(&by_operator, id, Triage { priority }).await?;
            }
            Deed::Assign(name) => {
                tickets::assign(&by_operator, id, Some(parse(name)?)).await?;
            }
            Deed::Reply(name, text) => {
                let technician = Technician::named(parse(name)?);
                let op = Operation::new(self.tx, &technician, &clock);
                tickets::add_team_reply(&op, id, parse(text)?).await?;
            }
            Deed::Note(name, text) => {
                let technician = Technician::named(parse(name)?);
                let op = Operation::new(self.tx, &technician, &clock);
                tickets::add_internal_note(&op, id, parse(text)?).await?;
            }
            Deed::Answer(text) => {
                tickets::add_customer_reply(&by_customer, id, parse(text)?).await?;
            }
            Deed::Move(status) => {
                tickets::set_status(&by_operator, id, status).await?;
            }
            Deed::Link(external_id, url) => {
                let external = ExternalTicket {
                    id: Some(parse(external_id)?),
                    url: Some(parse(url)?),
                };
                tickets::link(&by_operator, id, external).await?;
            }
            Deed::Confirm => {
                tickets::close(&by_customer, id).await?;
            }
        }
        Ok(())
    }

    async fn loan(&self, loan: &Loan) -> Result<(), DemoError> {
        let customer = self.customer(loan.by).await?;
        let device = self
            .tx
            .device_by_hostname(&parse(loan.hostname)?)
            .await?
            .ok_or(DemoError::Unknown(loan.hostname))?;
        let request = CheckoutRequest {
            expected_return_at: loan.due.map(|due| self.clock.instant(due)),
            notes: parse_some(loan.notes)?,
            condition: parse_some(loan.condition)?,
        };
        let clock = self.clock.at(loan.at);
        let op = Operation::new(self.tx, &customer, &clock);
        let checkout = assets::check_out(&op, device.id, request).await?;
        if let Some((at, until)) = loan.extended {
            let (clock, until) = (self.clock.at(at), self.clock.instant(until));
            let op = Operation::new(self.tx, &customer, &clock);
            assets::extend(&op, checkout.id, until).await?;
        }
        if let Some(Return {
            at,
            by_team,
            condition,
            notes,
        }) = loan.returned
        {
            let clock = self.clock.at(at);
            let request = CheckinRequest {
                notes: parse_some(notes)?,
                condition: parse_some(condition)?,
            };
            if by_team {
                let op = Operation::new(self.tx, self.operator, &clock);
                assets::take_back(&op, device.id, request).await?;
            } else {
                let op = Operation::new(self.tx, &customer, &clock);
                assets::check_in(&op, device.id, request).await?;
            }
        }
        Ok(())
    }

    async fn customer(&self, email: &'static str) -> Result<Customer, DemoError> {
        let account = match self.tx.user_by_email(&parse(email)?).await? {
            Some(user) => self.tx.account(user.id).await?,
            None => None,
        };
        let account = account.ok_or(DemoError::Unknown(email))?;
        // nobody sent a request, so there is no address to be named
        Ok(Customer {
            account,
            client: ClientInfo::default(),
        })
    }
}

/// What the inventory says about a device, apart from when it saw it.
fn record(device: &Device) -> Result<DeviceRecord, DemoError> {
    Ok(DeviceRecord {
        hostname: parse(device.hostname)?,
        display_name: parse_some(device.display_name)?,
        os_type: device.os_type,
        os_version: parse(device.os_version)?,
        status: device.status,
        last_seen_at: None,
        is_ephemeral: device.is_ephemeral,
        is_loanable: device.is_loanable,
    })
}
