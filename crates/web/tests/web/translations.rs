//! Every text in every language, and none too many.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

/// What texts are asked for by, directly before the key.
const ASKING: [&str; 5] = [".t(\"", ".t1(\"", "Message::new(\"", "says \"", "hint = \""];

/// Keys that are made of a field's name: the fields are those that templates name.
const FIELD: &str = "field-";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
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

/// The texts of a language: each key with the arguments that its text uses.
fn texts(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    for path in files(&root().join("locales").join(language), "ftl") {
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

/// Everything that code and templates say, without the tests in it.
fn sources() -> Vec<String> {
    let code = files(&root().join("src"), "rs");
    let templates = files(&root().join("templates"), "html");
    code.iter()
        .chain(&templates)
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.split("#[cfg(test)]").next().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn all_languages_have_the_same_texts_with_the_same_arguments() {
    let english = texts("en");
    let languages = fs::read_dir(root().join("locales")).unwrap();
    let names: Vec<_> = languages.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.len() >= 2);
    for name in names {
        let name = name.to_str().unwrap();
        assert_eq!(texts(name), english, "{name}");
    }
}

#[test]
fn every_text_that_is_asked_for_is_there() {
    let english = texts("en");
    for source in sources() {
        for asking in ASKING {
            for rest in source.split(asking).skip(1) {
                let key = rest.split('"').next().unwrap();
                assert!(key.is_empty() || english.contains_key(key), "{asking}{key}");
            }
        }
    }
}

#[test]
fn no_text_is_left_over() {
    let sources = sources();
    let literals: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split('"').skip(1).step_by(2))
        .collect();
    // Within a template's attribute, quotes are nested and the parts come the other way round.
    let others: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split('"').step_by(2))
        .collect();
    let is_said = |text: &str| literals.contains(text) || others.contains(text);
    let left: Vec<_> = texts("en")
        .into_keys()
        .filter(|key| match key.strip_prefix(FIELD) {
            Some(field) => !is_said(field),
            None => !is_said(key),
        })
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn every_field_has_a_label() {
    let english = texts("en");
    for source in sources() {
        for call in [
            "text(frame, ",
            "password(frame, ",
            "area(frame, ",
            "select(frame, ",
            "tick(frame, ",
        ] {
            for rest in source.split(call).skip(1) {
                // the macros' own definitions name no field
                let Some(name) = rest.split_once(", \"").map(|(_, name)| name) else {
                    continue;
                };
                if rest.starts_with("form, name") {
                    continue;
                }
                let name = name.split('"').next().unwrap();
                let key = format!("{FIELD}{name}");
                assert!(english.contains_key(&key), "{key}");
            }
        }
    }
}
