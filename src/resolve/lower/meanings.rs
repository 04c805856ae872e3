//! What names stand for. What was found is remembered while one expression is lowered, because names come again and again.

use super::{Lowered, Lowering};
use crate::diagnostic::{code, quote};
use crate::expr::{Constant, Id, Symbol};
use crate::math::{self, FunctionId};
use crate::resolve::{Value, names};
use crate::syntax::ast::{Expr, ExprId, NameId};

/// What a name stands for wherever no local name hides it.
#[derive(Clone, Copy)]
enum Meaning {
    /// As a value, one number.
    Node(Id),
    /// As a callee, a function of the facts table.
    Function(FunctionId),
}

/// How many meanings are remembered.
const KEPT: usize = 32;

/// Meanings of names of the text that is being resolved, each at the place that its name's number gives it.
#[derive(Default)]
pub(super) struct Meanings([Option<(NameId, Meaning)>; KEPT]);

impl Meanings {
    fn get(&self, name: NameId) -> Option<Meaning> {
        self.0[name.0 as usize % KEPT].filter(|(kept, _)| *kept == name).map(|(_, meaning)| meaning)
    }
}

impl Lowering<'_> {
    fn known(&self, name: NameId) -> Option<Meaning> {
        if self.in_own_text() { self.meanings.get(name) } else { None }
    }

    fn remember(&mut self, name: NameId, meaning: Meaning) {
        if self.in_own_text() {
            self.meanings.0[name.0 as usize % KEPT] = Some((name, meaning));
        }
    }

    /// The function of the facts table that a callee was found to be.
    pub(super) fn known_function(&self, name: NameId) -> Option<FunctionId> {
        match self.known(name) {
            Some(Meaning::Function(f)) => Some(f),
            _ => None,
        }
    }

    pub(super) fn remember_function(&mut self, name: NameId, f: FunctionId) {
        self.remember(name, Meaning::Function(f));
    }

    /// What a name stands for as a value.
    pub(super) fn named(&mut self, name: NameId, id: ExprId) -> Lowered<Value> {
        if let Some(value) = self.local(name) {
            return Ok(value.clone());
        }
        if let Some(Meaning::Node(node)) = self.known(name) {
            return Ok(Value::Scalar(node));
        }
        let value = self.looked_up(name, id)?;
        // a free name is noted where the statement itself writes it, which its next occurrence may be
        if let Value::Scalar(node) = value
            && self.is_outermost()
        {
            self.remember(name, Meaning::Node(node));
        }
        Ok(value)
    }

    #[inline(never)]
    fn looked_up(&mut self, name: NameId, id: ExprId) -> Lowered<Value> {
        let text = self.here.text.ast.name(name);
        if let Some(entry) = self.scope.entry(text) {
            return Ok(entry.value.clone());
        }
        if let Some(value) = self.constant(text) {
            return Ok(Value::Scalar(value));
        }
        if math::find(text).is_some() || self.scope.function(text).is_some() {
            let message = format!("`{}` is a function and needs an argument", quote(text));
            return self.fail_with(
                &code::NO_ARGUMENT,
                message,
                id,
                "no parentheses follow",
                format!("write {}(x), for example", quote(text)),
            );
        }
        if let Some(data) = self.scope.data(text) {
            return Err(self.whole_data_set(id, text, data));
        }
        if let Some(instead) = names::no_number(text) {
            let message = format!("`{}` is no number", quote(text));
            return self.fail_with(&code::INFINITY, message, id, "not a real number", instead.to_owned());
        }
        let symbol = self.g.intern(text);
        self.note_free(symbol, id);
        Ok(Value::Scalar(self.g.symbol(symbol)))
    }

    /// Notes the first occurrence of a free name in the statement itself.
    pub(super) fn note_free(&mut self, symbol: Symbol, id: ExprId) {
        if self.is_outermost() && self.is_new(symbol) {
            self.free.push((symbol, self.span(id)));
        }
    }

    /// Whether the symbol is not among the noted ones: few are looked through, many are kept in a set besides.
    fn is_new(&mut self, symbol: Symbol) -> bool {
        if self.free.len() < KEPT {
            return self.free.iter().all(|(noted, _)| *noted != symbol);
        }
        if self.noted.is_empty() {
            self.noted.extend(self.free.iter().map(|(noted, _)| *noted));
        }
        self.noted.insert(symbol)
    }

    fn constant(&mut self, name: &str) -> Option<Id> {
        match name {
            "pi" => Some(self.g.constant(Constant::Pi)),
            "e" => Some(self.g.constant(Constant::E)),
            "tau" if !self.declared.contains("tau") => {
                let (two, pi) = (self.g.integer(2), self.g.constant(Constant::Pi));
                Some(self.g.mul(&[two, pi]))
            }
            "true" => Some(self.g.truth(true)),
            "false" => Some(self.g.truth(false)),
            _ => None,
        }
    }

    /// The name, where the node is one that nothing defines.
    pub(super) fn free_name(&self, id: ExprId) -> Option<String> {
        let Expr::Name(name) = self.expr(id) else { return None };
        if self.local(name).is_some() {
            return None;
        }
        let text = self.name(name);
        let known = self.constant_name(&text)
            || self.scope.entry(&text).is_some()
            || math::find(&text).is_some()
            || self.scope.function(&text).is_some();
        (!known).then_some(text)
    }
}
