//! `portal-admin branding …`

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand};
use portal_domain::branding::{
    BrandingChanges, Color, CustomCss, FooterText, PhoneNumber, WelcomeMessage, change,
};
use portal_domain::store::TenantScope;
use portal_domain::values::{DomainName, EmailAddress, HttpsUrl};
use portal_wire::Branding;

use crate::context::Context;
use crate::output::Output;
use crate::values::{Clearable, OrganizationArg};

/// Commands on branding.
#[derive(Debug, Subcommand)]
pub(crate) enum BrandingCommand {
    /// Show an organization's branding
    Show(OrganizationArg),
    /// Change an organization's branding
    ///
    /// Values that are not given stay as they are; an empty text removes a value.
    Set(Box<SetArgs>),
}

/// What can be changed.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    of: OrganizationArg,
    /// The logo in the header: an https URL
    #[arg(long, value_name = "URL")]
    logo_url: Option<Clearable<HttpsUrl>>,
    /// The icon of the browser's tab: an https URL
    #[arg(long, value_name = "URL")]
    favicon_url: Option<Clearable<HttpsUrl>>,
    /// The main colour, as CSS writes one: hex, rgb, hsl or a name
    #[arg(long, value_name = "COLOR")]
    primary_color: Option<Clearable<Color>>,
    /// The second colour
    #[arg(long, value_name = "COLOR")]
    secondary_color: Option<Clearable<Color>>,
    /// The colour of links and buttons
    #[arg(long, value_name = "COLOR")]
    accent_color: Option<Clearable<Color>>,
    /// The organization's own domain; a new one has to be verified
    #[arg(long, value_name = "DOMAIN")]
    custom_domain: Option<Clearable<DomainName>>,
    /// The welcome on the sign-in page
    #[arg(long, value_name = "TEXT")]
    welcome_message: Option<Clearable<WelcomeMessage>>,
    /// The address for help, which is also told of new tickets
    #[arg(long, value_name = "EMAIL")]
    support_email: Option<Clearable<EmailAddress>>,
    /// The phone number for help
    #[arg(long, value_name = "PHONE")]
    support_phone: Option<Clearable<PhoneNumber>>,
    /// The text at the foot of every page
    #[arg(long, value_name = "TEXT")]
    footer_text: Option<Clearable<FooterText>>,
    /// The file with a style sheet for the portal's pages
    #[arg(long, value_name = "FILE")]
    custom_css: Option<Clearable<PathBuf>>,
    /// Whether people can submit and follow tickets
    #[arg(long, value_name = "true|false")]
    enable_tickets: Option<bool>,
    /// Whether people can borrow devices
    #[arg(long, value_name = "true|false")]
    enable_asset_checkout: Option<bool>,
    /// Whether people can see the organization's devices
    #[arg(long, value_name = "true|false")]
    enable_self_service: Option<bool>,
    /// Whether people can reset a forgotten password by mail
    #[arg(long, value_name = "true|false")]
    enable_password_reset: Option<bool>,
    /// Whether people can look up colleagues in the directory
    #[arg(long, value_name = "true|false")]
    enable_colleagues: Option<bool>,
}

impl BrandingCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Output> {
        match self {
            Self::Show(of) => {
                let organization = context.organization(&of).await?;
                let scope = TenantScope::of(organization.id);
                let branding = context.store().reader(scope).await?.branding().await?;
                Output::record(&Branding::new(&organization, branding.as_ref()))
            }
            Self::Set(args) => set(context, *args).await,
        }
    }
}

async fn set(context: &Context, args: SetArgs) -> anyhow::Result<Output> {
    if let Some(Clearable(Some(domain))) = &args.custom_domain {
        ensure!(
            context.settings.general.public_url.host_str() != Some(domain.as_str()),
            "{domain} is the portal's own host, so it cannot be an organization's"
        );
    }
    let changes = BrandingChanges {
        logo_url: args.logo_url.map(Clearable::into_inner),
        favicon_url: args.favicon_url.map(Clearable::into_inner),
        primary_color: args.primary_color.map(Clearable::into_inner),
        secondary_color: args.secondary_color.map(Clearable::into_inner),
        accent_color: args.accent_color.map(Clearable::into_inner),
        custom_domain: args.custom_domain.map(Clearable::into_inner),
        welcome_message: args.welcome_message.map(Clearable::into_inner),
        support_email: args.support_email.map(Clearable::into_inner),
        support_phone: args.support_phone.map(Clearable::into_inner),
        footer_text: args.footer_text.map(Clearable::into_inner),
        custom_css: args
            .custom_css
            .map(|file| file.0.as_deref().map(read_css).transpose())
            .transpose()?,
        enable_tickets: args.enable_tickets,
        enable_asset_checkout: args.enable_asset_checkout,
        enable_self_service: args.enable_self_service,
        enable_password_reset: args.enable_password_reset,
        enable_colleagues: args.enable_colleagues,
    };
    let organization = context.organization(&args.of).await?;
    let scope = TenantScope::of(organization.id);
    let branding = context
        .transact_in(scope, &context.operator, async |op| {
            Ok(change(op, changes).await?)
        })
        .await?;
    Output::record(&Branding::new(&organization, Some(&branding)))
}

fn read_css(path: &Path) -> anyhow::Result<CustomCss> {
    let file = path.display();
    let css = fs::read_to_string(path).with_context(|| format!("{file} cannot be read"))?;
    css.parse()
        .with_context(|| format!("{file} cannot be used"))
}
