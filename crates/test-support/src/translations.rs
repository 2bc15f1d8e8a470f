//! Checks that every text exists in every language, and none is unused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

/// What precedes a key in code and templates.
const ASKING: [&str; 5] = [".t(\"", ".t1(\"", "Message::new(\"", "says \"", "hint = \""];

/// The texts of a crate, in `locales/<language>/*.ftl`, and the code and templates that use them.
pub struct Translations {
    root: PathBuf,
    /// The code and templates, without tests.
    sources: Vec<String>,
}

impl Translations {
    /// Those of the crate in this folder: `env!("CARGO_MANIFEST_DIR")`.
    pub fn of(root: &str) -> Self {
        let root = PathBuf::from(root);
        let code = files(&root.join("src"), "rs");
        let templates = root.join("templates");
        let templates = if templates.exists() {
            ["html", "txt"].map(|kind| files(&templates, kind))
        } else {
            [Vec::new(), Vec::new()]
        };
        let sources = code
            .iter()
            .chain(templates.iter().flatten())
            .map(|path| {
                let text = fs::read_to_string(path).unwrap();
                text.split("#[cfg(test)]").next().unwrap().to_owned()
            })
            .collect();
        Self { root, sources }
    }

    /// The code and templates, without tests.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The texts of a language: each key with the arguments that its text uses.
    pub fn texts(&self, language: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut texts = BTreeMap::new();
        for path in files(&self.root.join("locales").join(language), "ftl") {
            let source = fs::read_to_string(&path).unwrap();
            let resource = parse(source.as_str()).unwrap_or_else(|(_, errors)| {
                panic!("{}: {errors:?}", path.display());
            });
            for entry in resource.body {
                if let Entry::Message(message) = entry {
                    let mut arguments = BTreeSet::new();
                    let pattern = message.value.expect("a text");
                    collect(&pattern, &mut arguments);
                    let key = message.id.name.to_owned();
                    let twice = texts.insert(key.clone(), arguments);
                    assert_eq!(twice, None, "{key} in {}", path.display());
                }
            }
        }
        texts
    }

    /// Fails unless all languages have the same texts, with the same arguments.
    pub fn assert_complete(&self) {
        let english = self.texts("en");
        assert!(!english.is_empty());
        let languages = fs::read_dir(self.root.join("locales")).unwrap();
        let names: Vec<_> = languages.map(|entry| entry.unwrap().file_name()).collect();
        assert!(names.len() >= 2);
        for name in names {
            let name = name.to_str().unwrap();
            assert_eq!(self.texts(name), english, "{name}");
        }
    }

    /// Fails unless every used text exists.
    pub fn assert_none_missing(&self) {
        let english = self.texts("en");
        for source in &self.sources {
            for asking in ASKING {
                for rest in source.split(asking).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    assert!(key.is_empty() || english.contains_key(key), "{asking}{key}");
                }
            }
        }
    }

    /// Fails unless every text is used: its key, or what `said_by` makes of it, occurs
    /// in quotes in the sources.
    pub fn assert_none_left_over(&self, said_by: fn(&str) -> &str) {
        let literals: BTreeSet<&str> = self
            .sources
            .iter()
            .flat_map(|source| source.split('"').skip(1).step_by(2))
            .collect();
        // Within a template's attribute, quotes are nested and the parts come the other way round.
        let others: BTreeSet<&str> = self
            .sources
            .iter()
            .flat_map(|source| source.split('"').step_by(2))
            .collect();
        let is_said = |text: &str| literals.contains(text) || others.contains(text);
        let left: Vec<_> = self
            .texts("en")
            .into_keys()
            .filter(|key| !is_said(said_by(key)))
            .collect();
        assert_eq!(left, Vec::<String>::new());
    }
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn collect(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        let (Expression::Inline(inline)
        | Expression::Select {
            selector: inline, ..
        }) = expression;
        if let InlineExpression::VariableReference { id } = inline {
            arguments.insert(id.name.to_owned());
        }
        if let Expression::Select { variants, .. } = expression {
            for variant in variants {
                collect(&variant.value, arguments);
            }
        }
    }
}
