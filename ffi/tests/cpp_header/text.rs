//! What the generated text is made of: names, comments, the frame of a header.

use std::fmt::Write as _;

const WIDTH: usize = 100;

/// `loginId` as `login_id`, `addToLoginIDs` as `add_to_login_ids`.
pub(crate) fn snake_case(key: &str) -> String {
    let mut name = String::new();
    let mut follows_upper = true;
    for character in key.chars() {
        if character.is_ascii_uppercase() && !follows_upper {
            name.push('_');
        }
        follows_upper = character.is_ascii_uppercase();
        name.push(character.to_ascii_lowercase());
    }
    name
}

/// `match_roles` as `MatchRoles`, `userTenants` as `UserTenants`.
pub(crate) fn camel_case(name: &str) -> String {
    let words = name.split('_');
    words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

/// A comment, wrapped, with the line end.
pub(crate) fn comment(indent: usize, text: &str) -> String {
    let start = format!("{}//", " ".repeat(indent));
    let mut lines = String::new();
    let mut line = start.clone();
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH && line != start {
            writeln!(lines, "{line}").unwrap();
            line.clone_from(&start);
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}

/// A generated header. `parent` is the header that includes it.
pub(crate) fn header(guard: &str, parent: &str, parts: &[String]) -> String {
    let parent_guard = parent.replace('.', "_").to_uppercase();
    format!(
        "// Part of {parent}, which includes it. Generated from the operations of the library by\n\
         // `make headers`: do not edit it.\n\
         #ifndef {guard}\n#define {guard}\n\n\
         #ifndef {parent_guard}\n#error \"include {parent}\"\n#endif\n\n\
         /* clang-format off */\n\
         namespace descope {{\ninline namespace DESCOPE_ML_VARIANT {{\n\n{}\n}} // namespace\n\
         }} // namespace descope\n\n#endif // {guard}\n",
        parts.join("\n")
    )
}
