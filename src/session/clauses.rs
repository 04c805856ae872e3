//! The clauses of a statement: what each command takes, the settings of `with`, and the variables of `wrt`.

use super::Work;
use super::descend::Steps;
use super::numbers::{ONE_KIND, Wanted};
use super::ranges::Look;
use crate::budget::allowed;
use crate::data::Gaps;
use crate::derive::Detail;
use crate::diagnostic::{Diagnostic, code, quote};
use crate::eval::number_text;
use crate::expr::{Id, Number, Symbol};
use crate::limits::Limit;
use crate::marking::hint::Level;
use crate::resolve::Fault;
use crate::source::Span;
use crate::syntax::ast::{Clauses, CommandKind, Expr, SettingValue};
use crate::tape::descent::Method;
use std::collections::HashSet;

/// What a statement's `with` clause says.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) detail: Option<Detail>,
    pub(super) wanted: Wanted,
    pub(super) steps: Steps,
    pub(super) look: Look,
    /// What happens to rows with a missing value.
    pub(super) gaps: Gaps,
    /// How much is said of a line that does not follow.
    pub(super) hint: Option<Level>,
}

impl Settings {
    /// Takes a setting in; the error lists what it can be.
    fn set(&mut self, name: &str, word: &str) -> Result<(), String> {
        let chosen = |wanted| if word == "true" { wanted } else { self.wanted };
        match (name, word) {
            ("detail", word) => self.detail = Some(Detail::named(word).ok_or_else(|| Detail::WORDS.join(", "))?),
            ("digits", count) => {
                let count = whole(count, 1, u64::MAX).and_then(|count| usize::try_from(count).ok());
                self.wanted =
                    Wanted::Digits(count.ok_or_else(|| format!("the whole numbers from 1 to {}", allowed(Limit::Digits)))?);
            }
            (name, word) if Steps::NAMES.contains(&name) => self.steps.set(name, word)?,
            (name, word) if Look::has(name) => self.look.set(name, word)?,
            ("hint", word) => self.hint = Some(Level::named(word).ok_or_else(|| Level::WORDS.join(", "))?),
            ("missing", "skip" | "error") => self.gaps = if word == "skip" { Gaps::Skip } else { Gaps::Refuse },
            ("missing", _) => return Err("skip, error".to_owned()),
            ("exact", "true" | "false") => self.wanted = chosen(Wanted::Exact),
            ("plain", "true" | "false") => self.wanted = chosen(Wanted::Plain),
            _ => return Err("true, false".to_owned()),
        }
        Ok(())
    }
}

/// The whole number from `least` to `most` that a word is, also in the form 1e6.
pub(super) fn whole(word: &str, least: u64, most: u64) -> Option<u64> {
    let plain = word.replace('_', "").parse().ok();
    let value = plain.or_else(|| Number::parse(word)?.to_i64().and_then(|n| u64::try_from(n).ok()))?;
    (least..=most).contains(&value).then_some(value)
}

/// The clauses that a command takes beside `assuming`, and the settings of its `with` clause.
#[must_use]
pub fn accepted(kind: CommandKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        CommandKind::Diff | CommandKind::Grad | CommandKind::Hessian | CommandKind::Jacobian => (&["wrt", "at"], &[]),
        CommandKind::Derive => (&["wrt", "at"], &["detail"]),
        CommandKind::Eval => (&["at"], &["exact", "digits", "plain"]),
        CommandKind::Simplify | CommandKind::Expand | CommandKind::Contract | CommandKind::Stable => (&[], &["detail"]),
        CommandKind::Domain => (&[], &[]),
        CommandKind::Descend => (&["wrt", "at"], Steps::NAMES),
        CommandKind::Flow | CommandKind::Elasticity => (&["wrt", "at"], &[]),
        CommandKind::Plot => (&["for", "at"], Look::PLOT),
        CommandKind::Table => (&["for", "at"], Look::TABLE),
        CommandKind::Saturation => (&["for", "at"], Look::SATURATION),
        CommandKind::Growth => (&["wrt", "at"], &[]),
    }
}

/// The settings after `with` that the command of this name takes; those of `data` too.
#[must_use]
pub fn settings_of(command: &str) -> &'static [&'static str] {
    match command {
        "data" => &["missing"],
        "curve" => super::curve::SETTINGS,
        "check" => super::check::SETTINGS,
        "exercise" => super::exercise::SETTINGS,
        name => CommandKind::named(name).map_or(&[], |kind| accepted(kind).1),
    }
}

/// The words that a setting can be; empty where it is a number.
#[must_use]
pub fn setting_values(name: &str) -> &'static [&'static str] {
    match name {
        "detail" => &Detail::WORDS,
        "missing" => &["skip", "error"],
        "hint" => &Level::WORDS,
        "exact" | "plain" | "keep" | "key" => &["true", "false"],
        "method" => &Method::WORDS,
        "log" => Look::LOG,
        _ => &[],
    }
}

/// Refuses a derivative of too high an order.
pub(super) fn within_order(order: u64) -> Result<(), Diagnostic> {
    let highest = allowed(Limit::Order);
    if order <= highest {
        return Ok(());
    }
    Err(Diagnostic::beyond(Limit::Order, format!("derivatives are taken up to order {highest}")))
}

impl Work<'_> {
    /// Notes the names that clauses introduce: they are meant as they stand.
    pub(super) fn declare(&mut self, clauses: &Clauses) {
        let at = clauses.at.iter().map(|binding| binding.name);
        let names = clauses.wrt.iter().copied().chain(at).chain(clauses.ranges.iter().map(|range| range.name));
        self.declared = names.map(|ident| self.name(ident)).collect();
    }

    /// Refuses clauses that the command does not take, reads the settings, and notes what is assumed.
    pub(super) fn clauses(&mut self, clauses: &Clauses, takes: &[&str], settings: &[&str]) -> Result<Settings, Fault> {
        let present = [
            ("wrt", clauses.wrt.first().map(|i| i.span)),
            ("at", clauses.at.first().map(|b| b.name.span)),
            ("for", clauses.ranges.first().map(|r| r.name.span)),
        ];
        for (word, span) in present {
            if let Some(span) = span
                && !takes.contains(&word)
            {
                let message = format!("`{word}` has no meaning for this statement");
                return Err(Box::new(Diagnostic::new(&code::CLAUSE_UNUSED, message).at(span, "not used")));
            }
        }
        self.extra = self.conditions(&clauses.assuming)?;
        self.settings(clauses, settings)
    }

    /// Refuses every clause but `with`.
    pub(super) fn settings_only(&mut self, clauses: &Clauses) -> Result<(), Fault> {
        let plain = Clauses { with: Vec::new(), ..clauses.clone() };
        self.clauses(&plain, &[], &[])?;
        let Some(id) = clauses.assuming.first() else { return Ok(()) };
        let message = "`assuming` has no meaning for this statement";
        Err(Box::new(Diagnostic::new(&code::CLAUSE_UNUSED, message).at(self.text.ast.span(*id), "not used")))
    }

    fn settings(&mut self, clauses: &Clauses, allowed: &[&str]) -> Result<Settings, Fault> {
        let mut found = Settings::default();
        for setting in &clauses.with {
            let name = self.name(setting.name);
            if !allowed.contains(&name.as_str()) {
                return Err(unknown_setting(&name, allowed, setting.name.span));
            }
            let word = self.word(setting.value)?;
            if !["detail", "hint"].contains(&name.as_str()) && word != "false" && found.wanted != Wanted::Nearest {
                return Err(Box::new(Diagnostic::new(&code::SETTING, ONE_KIND).at(setting.name.span, "the second")));
            }
            found.set(&name, &word).map_err(|choices| {
                let message = format!("`{}` is one of {choices}", quote(&name));
                Box::new(Diagnostic::new(&code::SETTING, message).at(setting.name.span, ""))
            })?;
            found.wanted.within_limits().map_err(|fault| fault.at(setting.name.span, ""))?;
        }
        Ok(found)
    }

    /// The text of a setting's value; that of a calculation is its result.
    pub(super) fn word(&mut self, value: SettingValue) -> Result<String, Fault> {
        let span = match value {
            SettingValue::Text(span) => span,
            SettingValue::Expr(id) => match self.text.ast.expr(id) {
                Expr::Name(_) | Expr::Number { .. } => self.text.ast.span(id),
                _ => {
                    let found = self.lower(|l| l.numbers(id))?;
                    if let [result] = &self.constants(&found, id)?[..] {
                        return Ok(number_text(result.float));
                    }
                    self.text.ast.span(id)
                }
            },
        };
        Ok(self.text.source.slice(span).to_owned())
    }

    /// The variables of a `wrt` clause; without one, the only symbol there is.
    pub(super) fn wrt(&mut self, clauses: &Clauses, roots: &[Id], span: Span) -> Result<Vec<Symbol>, Fault> {
        if clauses.wrt.is_empty() {
            let reachable = self.reachable(roots);
            let free: Vec<Symbol> = reachable.into_iter().filter(|s| !self.session.scope.definitions.contains_key(s)).collect();
            return match free[..] {
                [only] => Ok(vec![only]),
                _ => Err(Box::new(self.no_variable_named(&free, span))),
            };
        }
        within_order(clauses.wrt.len() as u64).map_err(|fault| fault.at(clauses.wrt[0].span, ""))?;
        let mut found = Vec::new();
        for name in &clauses.wrt {
            let symbols = self.lower(|l| l.variables(*name))?;
            self.warn_of_absent(&symbols, roots, name.span);
            found.extend(symbols);
        }
        Ok(found)
    }

    /// The variables of a gradient: those of `wrt`, else the parameters that occur.
    pub(super) fn gradient_variables(&mut self, root: &[Id], clauses: &Clauses, span: Span) -> Result<Vec<Symbol>, Fault> {
        if clauses.wrt.is_empty() {
            let reachable = self.reachable(root);
            let params: Vec<Symbol> =
                self.session.scope.params.iter().map(|(s, _)| *s).filter(|s| reachable.contains(s)).collect();
            if !params.is_empty() {
                return Ok(params);
            }
        }
        let mut found = self.wrt(clauses, root, span)?;
        let mut seen = HashSet::new();
        found.retain(|s| seen.insert(*s));
        Ok(found)
    }

    /// A variable that does not occur is more often a slip than a question.
    pub(super) fn warn_of_absent(&mut self, symbols: &[Symbol], roots: &[Id], span: Span) {
        let reachable = self.reachable(roots);
        if symbols.iter().any(|s| reachable.contains(s)) {
            return;
        }
        if let Some(symbol) = symbols.first() {
            let name = quote(self.session.graph.name(*symbol));
            let message = format!("`{name}` does not occur in the expression, so the derivative by it is 0");
            self.warnings.push(Diagnostic::new(&code::ABSENT, message).at(span, "does not occur"));
        }
    }

    fn no_variable_named(&self, free: &[Symbol], span: Span) -> Diagnostic {
        let mut names: Vec<&str> = free.iter().map(|s| self.session.graph.name(*s)).collect();
        names.sort_unstable();
        let fault = Diagnostic::new(&code::WRT, "the variable is missing").at(span, "by what?");
        match names[..] {
            [] => fault.help("add a clause such as `wrt x`"),
            [first, ..] => fault.help(format!("add a clause such as `wrt {}`", quote(first))),
        }
    }
}

pub(super) fn unknown_setting(name: &str, allowed: &[&str], span: Span) -> Fault {
    let fault = Diagnostic::new(&code::SETTING, format!("there is no setting `{}` here", quote(name))).at(span, "");
    Box::new(match allowed {
        [] => fault.help("this command has no settings"),
        some => fault.help(format!("its settings are: {}", some.join(", "))),
    })
}
