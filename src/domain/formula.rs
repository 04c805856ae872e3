//! Reads the formulas of the facts table. Stands in until names are resolved by a module of their own.

use crate::expr::{Constant, Graph, Id, Number, Relation};

/// The node that a formula of the facts table stands for; parameters are symbols.
pub fn formula(g: &mut Graph, text: &str) -> Option<Id> {
    let tokens = tokens(text);
    let mut reader = Reader { g, tokens: &tokens, at: 0 };
    let id = reader.disjunction()?;
    (reader.at == tokens.len()).then_some(id)
}

fn tokens(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let start = i;
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        if chars[i].is_whitespace() {
            i += 1;
            continue;
        }
        if word(chars[i]) {
            while i < chars.len() && word(chars[i]) {
                i += 1;
            }
        } else if i + 1 < chars.len() && ["<=", ">=", "==", "!="].contains(&&*chars[i..i + 2].iter().collect::<String>()) {
            i += 2;
        } else {
            i += 1;
        }
        out.push(chars[start..i].iter().collect());
    }
    out
}

struct Reader<'a> {
    g: &'a mut Graph,
    tokens: &'a [String],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn disjunction(&mut self) -> Option<Id> {
        let mut parts = vec![self.conjunction()?];
        while self.eat("or") {
            parts.push(self.conjunction()?);
        }
        Some(self.g.or(&parts))
    }

    fn conjunction(&mut self) -> Option<Id> {
        let mut parts = vec![self.negation()?];
        while self.eat("and") {
            parts.push(self.negation()?);
        }
        Some(self.g.and(&parts))
    }

    fn negation(&mut self) -> Option<Id> {
        if self.eat("not") {
            let inner = self.negation()?;
            return Some(self.g.not(inner));
        }
        if self.eat("if") {
            let c = self.disjunction()?;
            let a = if self.eat("then") { self.disjunction()? } else { return None };
            let b = if self.eat("else") { self.disjunction()? } else { self.g.undefined() };
            return Some(self.g.conditional(c, a, b));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Option<Id> {
        let mut left = self.sum()?;
        let mut parts = Vec::new();
        while let Some(r) = relation(self.peek()) {
            self.at += 1;
            let right = self.sum()?;
            parts.push(self.g.compare(r, left, right));
            left = right;
        }
        Some(if parts.is_empty() { left } else { self.g.and(&parts) })
    }

    fn sum(&mut self) -> Option<Id> {
        let mut terms = vec![self.product()?];
        loop {
            if self.eat("+") {
                terms.push(self.product()?);
            } else if self.eat("-") {
                let t = self.product()?;
                terms.push(self.g.neg(t));
            } else {
                return Some(self.g.add(&terms));
            }
        }
    }

    fn product(&mut self) -> Option<Id> {
        let mut left = self.sign()?;
        loop {
            if self.eat("*") {
                let right = self.sign()?;
                left = self.g.mul(&[left, right]);
            } else if self.eat("/") {
                let right = self.sign()?;
                left = match (self.g.as_number(left).cloned(), self.g.as_number(right).cloned()) {
                    (Some(a), Some(b)) if !b.is_zero() => self.g.number(a.checked_div(&b)?),
                    _ => self.g.div(left, right),
                };
            } else {
                return Some(left);
            }
        }
    }

    fn sign(&mut self) -> Option<Id> {
        if self.eat("-") {
            let a = self.sign()?;
            return Some(self.g.neg(a));
        }
        let base = self.atom()?;
        if self.eat("^") {
            let exponent = self.sign()?;
            return Some(self.g.pow(base, exponent));
        }
        Some(base)
    }

    fn atom(&mut self) -> Option<Id> {
        let token = self.peek().to_owned();
        self.at += 1;
        if token == "(" {
            let inner = self.disjunction()?;
            return self.eat(")").then_some(inner);
        }
        if token.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Number::parse(&token).map(|n| self.g.number(n));
        }
        if !token.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        if self.eat("(") {
            return self.call(&token);
        }
        Some(match token.as_str() {
            "pi" => self.g.constant(Constant::Pi),
            "e" => self.g.constant(Constant::E),
            "true" => self.g.truth(true),
            "false" => self.g.truth(false),
            _ => self.g.variable(&token),
        })
    }

    fn call(&mut self, name: &str) -> Option<Id> {
        let mut arguments = vec![self.disjunction()?];
        while self.eat(",") {
            arguments.push(self.disjunction()?);
        }
        if !self.eat(")") {
            return None;
        }
        match (name, &arguments[..]) {
            ("integer", [a]) => Some(self.g.is_integer(*a)),
            _ => self.g.call_named(name, &arguments),
        }
    }
}

fn relation(token: &str) -> Option<Relation> {
    Some(match token {
        "<" => Relation::Less,
        "<=" => Relation::LessEqual,
        ">" => Relation::Greater,
        ">=" => Relation::GreaterEqual,
        "==" => Relation::Equal,
        "!=" => Relation::NotEqual,
        _ => return None,
    })
}
