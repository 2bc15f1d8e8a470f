//! Writes every mail with sample data into a directory, in every language, as `.html`, `.txt` and
//! `.eml`:
//!
//! ```text
//! cargo run -p portal-mail --example mails -- target/mails
//! ```
#![expect(
    clippy::unwrap_used,
    reason = "the samples are known to be well-formed"
)]

mod samples;

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use portal_domain::environment::SystemEnvironment;
use portal_domain::ids::OutboxMailId;
use portal_domain::profiles::Locale;
use portal_mail::render::Templates;
use portal_mail::{Letter, OutgoingMail, SenderAddress};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(env::args().nth(1).ok_or("name a directory to write to")?);
    fs::create_dir_all(&directory)?;
    let from: SenderAddress = "Customer portal <portal@example.com>".parse()?;
    let brand = samples::brand("Acme & Sons");
    let words = samples::Words::default();
    let to = samples::recipient(&words);
    for locale in Locale::ALL {
        let templates = Templates::new(&to, &brand, *locale);
        for (name, _, body) in samples::samples(&words, &templates) {
            let rendered = templates.render(body)?;
            let id = OutboxMailId::generate(&SystemEnvironment);
            let letter = Letter {
                to: to.clone(),
                brand: brand.clone(),
                rendered,
                reply_to: None,
                ticket: None,
                unsubscribe: None,
            };
            let mail = OutgoingMail::new(id, samples::moment(), &from, letter)?;
            let file = directory.join(format!("{name}.{locale}"));
            fs::write(file.with_added_extension("html"), mail.html())?;
            fs::write(file.with_added_extension("txt"), mail.text())?;
            fs::write(file.with_added_extension("eml"), mail.formatted())?;
        }
    }
    Ok(())
}
