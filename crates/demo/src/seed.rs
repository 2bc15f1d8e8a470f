//! Seeds an organization: each event of its story is a call of a use case.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use portal_domain::actors::{Customer, Operator, Technician};
use portal_domain::assets::{self, CheckinRequest, CheckoutRequest};
use portal_domain::audit::ClientInfo;
use portal_domain::branding::{self, BrandingChanges};
use portal_domain::devices::{self, DeviceRecord, DeviceStatus, Hostname};
use portal_domain::files::{AttachmentIds, FileDepot, add_upload};
use portal_domain::ids::{FileId, TicketId};
use portal_domain::operation::Operation;
use portal_domain::profiles::{self, NewUser};
use portal_domain::store::TenantTransaction;
use portal_domain::tickets::{self, ColleagueRef, ExternalTicket, NewTicket, Triage};
use portal_domain::values::EmailAddress;

use crate::clock::{DemoClock, When};
use crate::error::DemoError;
use crate::story::{self, Branding, Device, Event, Loan, Parsed, Person, State, Story, Ticket};

/// When the inventory last reported.
const LAST_INVENTORY: When = When::MinutesAgo(1);

/// Seeds an organization that is nothing but its row.
///
/// # Errors
///
/// See [`DemoError`].
pub(crate) async fn seed(
    tx: &dyn TenantTransaction,
    files: &FileDepot,
    clock: DemoClock<'_>,
    story: &Story,
    password_hash: &str,
) -> Result<(), DemoError> {
    let operator = Operator::named(story.operator.get());
    let seeder = Seeder {
        tx,
        files,
        clock,
        operator: &operator,
    };
    seeder.branding(story.since.get(), &story.branding).await?;
    for person in &story.people {
        seeder.user(person, password_hash).await?;
    }
    let first_inventory = story.inventory_since.get();
    for device in &story.devices {
        let new = DeviceRecord {
            status: DeviceStatus::Pending,
            last_seen_at: None,
            ..seeder.record(device)
        };
        seeder.inventory(first_inventory, new).await?;
    }
    for ticket in &story.tickets {
        seeder.ticket(ticket).await?;
    }
    for loan in &story.loans {
        seeder.loan(loan).await?;
    }
    for device in &story.devices {
        seeder
            .inventory(LAST_INVENTORY, seeder.record(device))
            .await?;
    }
    for person in &story.people {
        seeder.final_state(person).await?;
    }
    Ok(())
}

struct Seeder<'a> {
    tx: &'a dyn TenantTransaction,
    files: &'a FileDepot,
    clock: DemoClock<'a>,
    operator: &'a Operator,
}

impl Seeder<'_> {
    async fn branding(&self, at: When, branding: &Branding) -> Result<(), DemoError> {
        let clock = self.clock.at(at);
        let op = Operation::new(self.tx, self.operator, &clock);
        let changes = BrandingChanges {
            primary_color: Some(Some(branding.primary_color.get())),
            secondary_color: Some(Some(branding.secondary_color.get())),
            accent_color: Some(Some(branding.accent_color.get())),
            custom_domain: Some(Some(branding.custom_domain.get())),
            welcome_message: Some(Some(branding.welcome_message.get())),
            support_email: Some(Some(branding.support_email.get())),
            support_phone: Some(Some(branding.support_phone.get())),
            footer_text: Some(Some(branding.footer_text.get())),
            enable_colleagues: Some(branding.enable_colleagues),
            ..BrandingChanges::default()
        };
        branding::change(&op, changes).await?;
        branding::verify_domain(&op).await?;
        Ok(())
    }

    async fn user(&self, person: &Person, password_hash: &str) -> Result<(), DemoError> {
        let clock = self.clock.at(person.since.get());
        let op = Operation::new(self.tx, self.operator, &clock);
        let invited = matches!(person.state, State::Invited);
        let new = NewUser {
            email: person.email.get(),
            name: person.name.as_ref().map(Parsed::get),
            role: person.role.as_ref().map(Parsed::get),
            locale: None,
            password_hash: (!invited).then(|| password_hash.to_owned()),
        };
        profiles::create(&op, new, invited).await?;
        Ok(())
    }

    async fn final_state(&self, person: &Person) -> Result<(), DemoError> {
        match &person.state {
            State::Active(last_sign_in) => {
                let customer = self.customer(&person.email.get()).await?;
                let clock = self.clock.at(last_sign_in.get());
                profiles::record_sign_in(&Operation::new(self.tx, &customer, &clock)).await?;
            }
            State::Left(at) => {
                let clock = self.clock.at(at.get());
                let op = Operation::new(self.tx, self.operator, &clock);
                profiles::disable(&op, &person.email.get()).await?;
            }
            State::Invited => {}
        }
        Ok(())
    }

    async fn inventory(&self, at: When, record: DeviceRecord) -> Result<(), DemoError> {
        let clock = self.clock.at(at);
        devices::upsert(&Operation::new(self.tx, self.operator, &clock), record).await?;
        Ok(())
    }

    /// What the inventory says about a device today.
    fn record(&self, device: &Device) -> DeviceRecord {
        DeviceRecord {
            hostname: device.hostname.get(),
            display_name: device.display_name.as_ref().map(Parsed::get),
            os_type: device.os_type.get(),
            os_version: device.os_version.get(),
            status: device.status.get(),
            last_seen_at: self.instant(device.last_seen.as_ref()),
            is_ephemeral: device.is_ephemeral,
            is_loanable: device.is_loanable,
        }
    }

    async fn ticket(&self, ticket: &Ticket) -> Result<(), DemoError> {
        let customer = self.customer(&ticket.by.get()).await?;
        let device = match &ticket.device {
            Some(hostname) => Some(self.device(&hostname.get()).await?.id),
            None => None,
        };
        let clock = self.clock.at(ticket.at.get());
        let op = Operation::new(self.tx, &customer, &clock);
        let mut files = Vec::new();
        for name in &ticket.files {
            files.push(self.upload(&op, name).await?);
        }
        let new = NewTicket {
            subject: ticket.subject.get(),
            description: ticket.description.get(),
            priority: ticket.priority.get(),
            device_id: device,
            on_behalf_of: None,
            attachments: AttachmentIds::of(files)?,
        };
        let submitted = tickets::submit(&op, new).await?;
        for (at, event) in &ticket.events {
            self.event(self.clock.at(at.get()), &customer, submitted.id, event)
                .await?;
        }
        Ok(())
    }

    /// Uploads a file, as a customer does before they attach it.
    async fn upload(&self, op: &Operation<'_, Customer>, name: &str) -> Result<FileId, DemoError> {
        let content = story::file(name).ok_or_else(|| DemoError::Unknown(name.to_owned()))?;
        let Ok(name) = name.parse();
        let received = self.files.receive(op, op.organization(), name).await;
        let mut reception = received?;
        reception.write(Bytes::from_static(content)).await?;
        let stored = reception.finish().await?;
        Ok(add_upload(op, &self.files.limits, stored).await?.id)
    }

    async fn event(
        &self,
        clock: DemoClock<'_>,
        customer: &Customer,
        id: TicketId,
        event: &Event,
    ) -> Result<(), DemoError> {
        let by_operator = Operation::new(self.tx, self.operator, &clock);
        let by_customer = Operation::new(self.tx, customer, &clock);
        match event {
            Event::Triage(priority) => {
                let priority = priority.get();
                tickets::triage(&by_operator, id, Triage { priority }).await?;
            }
            Event::Assign(name) => {
                tickets::assign(&by_operator, id, Some(name.get())).await?;
            }
            Event::TeamReply(name, text) => {
                let technician = Technician::named(name.get());
                let op = Operation::new(self.tx, &technician, &clock);
                tickets::add_team_reply(&op, id, text.get().into()).await?;
            }
            Event::InternalNote(name, text) => {
                let technician = Technician::named(name.get());
                let op = Operation::new(self.tx, &technician, &clock);
                tickets::add_internal_note(&op, id, text.get().into()).await?;
            }
            Event::Share(email) => {
                let colleague = ColleagueRef::Email(email.get());
                tickets::add_participant(&by_customer, id, colleague).await?;
            }
            Event::CustomerReply(text) => {
                tickets::add_customer_reply(&by_customer, id, text.get().into()).await?;
            }
            Event::Status(status) => {
                tickets::set_status(&by_operator, id, status.get()).await?;
            }
            Event::Link(external_id, url) => {
                let external = ExternalTicket {
                    id: Some(external_id.get()),
                    url: Some(url.get()),
                };
                tickets::link(&by_operator, id, external).await?;
            }
            Event::Close => {
                tickets::close(&by_customer, id).await?;
            }
        }
        Ok(())
    }

    async fn loan(&self, loan: &Loan) -> Result<(), DemoError> {
        let customer = self.customer(&loan.by.get()).await?;
        let device = self.device(&loan.hostname.get()).await?;
        let request = CheckoutRequest {
            expected_return_at: self.instant(loan.due.as_ref()),
            notes: loan.notes.as_ref().map(Parsed::get),
            condition: loan.condition.as_ref().map(Parsed::get),
        };
        let clock = self.clock.at(loan.at.get());
        let op = Operation::new(self.tx, &customer, &clock);
        let checkout = assets::check_out(&op, device.id, request).await?;
        if let Some((at, until)) = &loan.extended {
            let clock = self.clock.at(at.get());
            let op = Operation::new(self.tx, &customer, &clock);
            assets::extend(&op, checkout.id, self.clock.instant(until.get())).await?;
        }
        if let Some(end) = &loan.returned {
            let clock = self.clock.at(end.at.get());
            let request = CheckinRequest {
                notes: end.notes.as_ref().map(Parsed::get),
                condition: end.condition.as_ref().map(Parsed::get),
            };
            if end.by_team {
                let op = Operation::new(self.tx, self.operator, &clock);
                assets::take_back(&op, device.id, request).await?;
            } else {
                let op = Operation::new(self.tx, &customer, &clock);
                assets::check_in(&op, device.id, request).await?;
            }
        }
        Ok(())
    }

    async fn device(&self, hostname: &Hostname) -> Result<devices::Device, DemoError> {
        let device = self.tx.device_by_hostname(hostname).await?;
        device.ok_or_else(|| DemoError::Unknown(hostname.to_string()))
    }

    fn instant(&self, when: Option<&Parsed<When>>) -> Option<DateTime<Utc>> {
        when.map(|when| self.clock.instant(when.get()))
    }

    async fn customer(&self, email: &EmailAddress) -> Result<Customer, DemoError> {
        let account = match self.tx.user_by_email(email).await? {
            Some(user) => self.tx.account(user.id).await?,
            None => None,
        };
        let account = account.ok_or_else(|| DemoError::Unknown(email.to_string()))?;
        Ok(Customer {
            account,
            client: ClientInfo::default(),
        })
    }
}
