//! Derivatives by the right rules, but for wrong ones at some places: what a learner gets who applies a wrong rule there.

use crate::derive::rules::{Parts, Rules, Taken};
use crate::derive::{Formulas, Refusal, light};
use crate::expr::{Constant, Graph, Id, IdMap, Symbol, View, walk};
use crate::math::mistakes::Wrong;
use crate::rewrite::Template;

/// A wrong rule, ready to be applied.
pub(super) struct Compiled {
    /// What it is.
    pub wrong: Wrong,
    template: Option<Template>,
}

/// A composition: its outer slope at the inner function, the same at the inner derivative, and the inner function.
struct Composition {
    outer: Id,
    inside: Option<Id>,
    inner: Id,
}

impl Compiled {
    pub fn new(wrong: Wrong) -> Self {
        let template = match wrong {
            Wrong::Identity(text) | Wrong::Slope(text) | Wrong::Factor(text) => Template::new(text),
            Wrong::Composite(text) | Wrong::Link(text) => Template::new(&format!("f = {text}")),
            Wrong::Letter | Wrong::OwnScore => None,
        };
        Compiled { wrong, template }
    }

    /// The expression rewritten by a wrong identity, where that applies.
    pub fn rewritten(&self, g: &mut Graph, target: Id) -> Option<Id> {
        let template = self.template.as_ref()?;
        let found = template.matched(g, target)?;
        let fits = template.bound(&found).all(|(name, id)| name != "n" || g.as_number(id).is_some());
        fits.then(|| template.filled(g, target, &found))
    }

    /// Whether a rule on slopes has the shape of this part. What its names may stand for is looked at when it is applied.
    pub fn has_shape(&self, g: &Graph, target: Id) -> bool {
        match self.wrong {
            Wrong::OwnScore => matches!(g.view(target), View::Component(..)),
            _ => self.template.as_ref().is_some_and(|template| template.matched(g, target).is_some()),
        }
    }

    /// The part that a sentence about the mistake at `target` speaks of: of a sum the constant term, where the rule has one.
    pub fn subject(&self, g: &Graph, target: Id) -> Id {
        let (Some(template), View::Add(_)) = (&self.template, g.view(target)) else { return target };
        let Some(found) = template.matched(g, target) else { return target };
        let constant = template.bound(&found).find(|(name, _)| *name == "c").map(|(_, id)| id);
        constant.unwrap_or(target)
    }

    /// The factor that the derivative gets by mistake for this part, where there is one.
    pub fn factor(&self, g: &mut Graph, target: Id) -> Option<Id> {
        let Wrong::Factor(_) = self.wrong else { return None };
        self.rewritten(g, target)
    }
}

/// The right derivative, by rules alone.
pub(super) fn right(g: &mut Graph, formulas: &mut Formulas, body: Id, variable: Symbol) -> Option<Id> {
    Taken::default().whole(g, &mut Rules::new(variable, formulas), body).ok()
}

/// Slopes of the parts of an expression, some of them by wrong rules.
pub(super) struct Slopes<'c> {
    /// The parts with a wrong rule.
    faults: IdMap<&'c Compiled>,
    /// The parts whose slopes are given.
    given: IdMap<Id>,
    done: IdMap<Id>,
}

impl<'c> Slopes<'c> {
    pub fn new(faults: impl IntoIterator<Item = (Id, &'c Compiled)>) -> Self {
        Slopes { faults: faults.into_iter().collect(), given: IdMap::default(), done: IdMap::default() }
    }

    /// Right slopes, but for one part, whose slope is given.
    pub fn given(part: Id, slope: Id) -> Self {
        Slopes { given: std::iter::once((part, slope)).collect(), ..Slopes::new([]) }
    }

    /// The slope of `root`; none where a rule has no answer.
    pub fn whole(&mut self, g: &mut Graph, rules: &mut Rules<'_>, root: Id) -> Option<Id> {
        for id in walk::topological(g, &[root]) {
            let is_vector = matches!(g.view(id), View::Call(f, _) if f.name() == "softmax");
            if !g.is_condition(id) && !is_vector && rules.depends(g, id) {
                let slope = self.slope(g, rules, id).ok()?;
                self.done.insert(id, slope);
            }
        }
        self.done.get(&root).copied().or_else(|| Some(g.integer(0)))
    }

    /// The slope that a part got.
    pub fn of(&self, part: Id) -> Option<Id> {
        self.done.get(&part).copied()
    }

    fn slope(&mut self, g: &mut Graph, rules: &mut Rules<'_>, id: Id) -> Result<Id, Refusal> {
        if let Some(slope) = self.given.get(&id) {
            return Ok(*slope);
        }
        let wrong = self.faults.get(&id).copied().and_then(|fault| self.wrong_slope(g, rules, id, fault));
        match wrong {
            Some(slope) => Ok(slope),
            None => rules.open(g, id, self).map(|(slope, _)| slope),
        }
    }

    /// The slope by a wrong rule, where that applies.
    fn wrong_slope(&mut self, g: &mut Graph, rules: &mut Rules<'_>, id: Id, fault: &Compiled) -> Option<Id> {
        match fault.wrong {
            Wrong::Slope(_) => {
                let template = fault.template.as_ref()?;
                let found = template.matched(g, id)?;
                let fits = template.bound(&found).all(|(name, part)| match name {
                    "u" | "v" | "w" => rules.depends(g, part),
                    "c" | "k" => !rules.depends(g, part) && g.view(part) != View::Constant(Constant::E),
                    "n" => g.as_number(part).is_some(),
                    _ => true,
                });
                if !fits {
                    return None;
                }
                let open = template.filled(g, id, &found);
                self.closed(g, rules, open)
            }
            Wrong::Composite(_) | Wrong::Link(_) => {
                let Composition { outer, inside, inner } = self.composition(g, rules, id)?;
                let inside = inside.unwrap_or_else(|| g.undefined());
                let open = fault.template.as_ref()?.filled_with(g, &[("outer", outer), ("inside", inside), ("u", inner)]);
                self.closed(g, rules, open)
            }
            Wrong::OwnScore => {
                let View::Component(vector, k) = g.view(id) else { return None };
                let score = *g.children(vector).get(k as usize - 1)?;
                let own = if rules.depends(g, score) { self.derivative(g, rules, score).ok()? } else { g.integer(0) };
                let one = g.integer(1);
                let rest = g.sub(one, id);
                Some(light::product(g, &[id, rest, own]))
            }
            Wrong::Identity(_) | Wrong::Factor(_) | Wrong::Letter => None,
        }
    }

    /// A wrong rule's result with the slopes of its parts put in.
    fn closed(&mut self, g: &mut Graph, rules: &mut Rules<'_>, open: Id) -> Option<Id> {
        let mut failed = false;
        let value = walk::rebuild(g, open, |g, id, kids| match g.view(id) {
            View::Derivative(body, ..) => self.derivative(g, rules, body).unwrap_or_else(|_| {
                failed = true;
                body
            }),
            _ if kids.is_empty() => id,
            _ => g.with_children(id, kids),
        });
        (!failed).then_some(value)
    }

    /// The outer and the inner function of a part, where it has an inner one other than the variable.
    fn composition(&mut self, g: &mut Graph, rules: &mut Rules<'_>, id: Id) -> Option<Composition> {
        let inner = inner_function(g, rules, id)?;
        let slope = self.derivative(g, rules, inner).ok()?;
        let outer = outer_slope(g, rules, id, inner)?;
        let inside = outer_slope(g, rules, id, slope);
        Some(Composition { outer, inside, inner })
    }
}

impl Parts for Slopes<'_> {
    fn derivative(&mut self, g: &mut Graph, rules: &mut Rules<'_>, part: Id) -> Result<Id, Refusal> {
        if let Some(slope) = self.done.get(&part) {
            return Ok(*slope);
        }
        if !rules.depends(g, part) {
            return Ok(g.integer(0));
        }
        let slope = self.slope(g, rules, part)?;
        self.done.insert(part, slope);
        Ok(slope)
    }
}

/// The inner function of a composition: an argument, a base or an exponent that is not the variable alone.
pub(super) fn inner_function(g: &Graph, rules: &mut Rules<'_>, id: Id) -> Option<Id> {
    let inner = match g.view(id) {
        View::Call(f, [u]) if f.record().derivative.len() == 1 => *u,
        View::Pow(u, n) if !rules.depends(g, n) => u,
        View::Pow(c, u) if !rules.depends(g, c) => u,
        View::Div(c, u) if !rules.depends(g, c) => u,
        _ => return None,
    };
    (rules.depends(g, inner) && g.as_symbol(inner).is_none()).then_some(inner)
}

/// The slope of the outer function of `id` at `u`.
fn outer_slope(g: &mut Graph, rules: &mut Rules<'_>, id: Id, u: Id) -> Option<Id> {
    Some(match g.view(id) {
        View::Call(f, _) => rules.partial(g, f, 0, &[u])?,
        View::Pow(_, n) if !rules.depends(g, n) => {
            let lowered = light::lowered(g, n);
            let power = light::power(g, u, lowered);
            light::product(g, &[n, power])
        }
        View::Pow(c, _) => {
            let power = g.pow(c, u);
            if g.view(c) == View::Constant(Constant::E) {
                return Some(power);
            }
            let log = g.call_named("log", &[c])?;
            light::product(g, &[power, log])
        }
        View::Div(c, _) => {
            let two = g.integer(2);
            let square = g.pow(u, two);
            let value = g.div(c, square);
            light::negative(g, value)
        }
        _ => return None,
    })
}
