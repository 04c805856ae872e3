//! Mathematics in words, for those who listen.

use super::layout::{FENCES, Fence, Math, SIGNS};

/// The mathematics as it is read out.
#[must_use]
pub fn math(math: &Math) -> String {
    let mut said = Vec::new();
    say(&mut said, math);
    said.retain(|word| !word.is_empty());
    said.join(" ")
}

fn say(said: &mut Vec<String>, part: &Math) {
    match part {
        Math::Number(text) | Math::Head(text) => said.push(text.clone()),
        Math::Words(text) => said.push(text.trim().to_owned()),
        Math::Name(name) => {
            said.push(name.base.clone());
            said.extend(name.index.clone());
        }
        Math::Sign(sign) => said.extend(SIGNS.iter().find(|(known, ..)| known == sign).map(|(.., word)| (*word).to_owned())),
        Math::Row(row) => row.iter().for_each(|item| say(said, item)),
        Math::Fraction(above, below) if is_short(above) && is_short(below) => {
            say(said, above);
            said.push("over".into());
            say(said, below);
        }
        Math::Fraction(above, below) => {
            said.push("the fraction".into());
            say(said, above);
            said.push("over".into());
            say(said, below);
            said.push("end of fraction".into());
        }
        Math::Script { base, below, above } => scripts(said, base, below.as_deref(), above.as_deref()),
        Math::Root(inner, degree) => {
            said.push(match degree.as_deref() {
                None => "the square root of".into(),
                Some("3") => "the cube root of".into(),
                Some(degree) => format!("the root of degree {degree} of"),
            });
            say(said, inner);
            said.extend((!is_short(inner)).then(|| "end of root".into()));
        }
        Math::Fence(fence, inner) => {
            let words = FENCES.iter().find(|(known, ..)| known == fence).map(|(.., words)| *words);
            let is_plain = *fence == Fence::Round && is_short(inner);
            let [open, close] = words.filter(|_| !is_plain).unwrap_or(["", ""]);
            said.extend(Some(open.to_owned()).filter(|word| !word.is_empty()));
            say(said, inner);
            said.extend(Some(close.to_owned()).filter(|word| !word.is_empty()));
        }
        Math::Cases(rows) => {
            for (value, condition) in rows {
                say(said, value);
                match condition {
                    Some(condition) => {
                        said.push("if".into());
                        say(said, condition);
                        said.push(";".into());
                    }
                    None => said.push("otherwise".into()),
                }
            }
        }
        Math::Call { spoken, arguments, .. } => {
            let list: Vec<String> = arguments.iter().map(math).collect();
            let mut inner = list.join(" and ");
            if *spoken != "{}" && !arguments.iter().all(is_short) {
                inner = format!("open bracket {inner} close bracket");
            }
            said.push(spoken.replace("{}", &inner));
        }
        Math::Marked(marker, inner) => {
            let (.., [before, after]) = marker.signs();
            said.push(before.into());
            say(said, inner);
            said.push(after.into());
        }
    }
}

fn scripts(said: &mut Vec<String>, base: &Math, below: Option<&Math>, above: Option<&Math>) {
    if matches!(base, Math::Sign('∑' | '∏')) {
        say(said, base);
        for (word, limit) in [("from", below), ("to", above)] {
            if let Some(limit) = limit {
                said.push(word.into());
                say(said, limit);
            }
        }
        said.push("of".into());
        return;
    }
    say(said, base);
    if let Some(below) = below {
        said.push("sub".into());
        say(said, below);
    }
    match above {
        Some(Math::Number(two)) if two == "2" => said.push("squared".into()),
        Some(Math::Number(three)) if three == "3" => said.push("cubed".into()),
        Some(above) => {
            said.push("to the power of".into());
            say(said, above);
            said.extend((!is_short(above)).then(|| "end of power".into()));
        }
        None => {}
    }
}

/// What is heard as one thing.
fn is_short(math: &Math) -> bool {
    match math {
        Math::Number(_) | Math::Name(_) | Math::Sign(_) => true,
        Math::Row(row) => match &row[..] {
            [] => true,
            [one] | [Math::Sign('−'), one] => is_short(one),
            // d x
            [Math::Name(d), one] => d.base == "d" && is_short(one),
            _ => false,
        },
        Math::Marked(_, inner) => is_short(inner),
        _ => false,
    }
}
