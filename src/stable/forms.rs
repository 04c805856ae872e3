//! Equal forms of one node: by every identity of the table that matches it, as it stands and in canonical form, and by the makers
//! beside it. Which form is better is measured elsewhere.

use super::{clock, makers};
use crate::derive::light;
use crate::domain::{Known, Prover};
use crate::expr::{Graph, Id, View, walk};
use crate::math::{Purpose, Rule};
use crate::rewrite::Rules;
use crate::simplify::{How, Move, Names, Simplifier, measure};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Of larger nodes no canonical form is asked for.
const CANONICAL: u64 = 120;

/// An equal form of a node, and what it comes from.
pub type Form = (Id, How);

/// What is simplified with wherever the expression has a value: cases share what is found here, since it holds in each of them.
pub struct Everywhere {
    simplifier: Simplifier,
    /// The shortest form of each node that was asked for.
    shortest: HashMap<Id, Option<Form>>,
}

impl Everywhere {
    /// For an expression that has a value where these conditions hold, beyond what is known.
    pub fn new(known: &Known, g: &mut Graph, needs: &[Id]) -> Self {
        Everywhere { simplifier: Simplifier::within(known, g, needs).named(Names::All), shortest: HashMap::new() }
    }
}

/// What forms are looked for with.
pub struct Forms<'a> {
    /// Answers what the identities need.
    prover: Prover,
    /// Cancels within the forms.
    everywhere: &'a mut Everywhere,
    /// Collects, and cancels in whole forms, with the case that they are in.
    here: Simplifier,
    /// What the clock knows of their work.
    noted: Work,
}

/// What simplifiers and provers have done.
#[derive(Clone, Copy, Default)]
struct Work {
    /// The work of the simplifiers.
    simplified: u64,
    /// The questions that the prover beside them thought about.
    asked: u64,
}

impl<'a> Forms<'a> {
    /// For an expression that has a value where these conditions hold, beyond what is known.
    pub fn new(everywhere: &'a mut Everywhere, known: &Known, g: &mut Graph, needs: &[Id]) -> Self {
        let here = Known { conditions: known.conditions.iter().chain(needs).copied().collect(), ..known.clone() };
        let mut forms = Forms {
            prover: Prover::new(&here),
            everywhere,
            here: Simplifier::within(known, g, needs).named(Names::All),
            noted: Work::default(),
        };
        // what was shared before is known
        forms.noted.simplified = forms.everywhere.simplifier.work();
        forms
    }
}

impl Forms<'_> {
    /// Equal forms of a node of `root`, each once.
    pub fn of(&mut self, g: &mut Graph, root: Id, node: Id) -> Vec<Form> {
        let out = self.found(g, root, node);
        self.note();
        out
    }

    /// As [`Forms::of`], without a word to the clock: what is simplified and asked on the way is noted once, by the caller.
    fn found(&mut self, g: &mut Graph, root: Id, node: Id) -> Vec<Form> {
        let mut found: Vec<Form> = Vec::new();
        for (rule, form) in typed().apply_all(g, &mut self.prover, node) {
            found.push((form, How::Rule(rule)));
        }
        for (form, law) in makers::forms(self, g, node) {
            found.push((form, How::Law(law)));
        }
        if walk::tree_size(g, node) <= CANONICAL {
            self.by_canonical_form(g, node, &mut found);
        }
        let own: HashSet<Id> = walk::topological(g, &[root]).into_iter().collect();
        let mut out: Vec<Form> = Vec::with_capacity(found.len());
        for (form, how) in found {
            let light = lightened(g, form);
            let tidy = self.tidied(g, light, &own);
            for form in [tidy, light] {
                if form != node && !out.iter().any(|(seen, _)| *seen == form) {
                    out.push((form, how));
                }
            }
        }
        out
    }

    fn by_canonical_form(&mut self, g: &mut Graph, node: Id, found: &mut Vec<Form>) {
        let canonical = self.canonical(g, node);
        for (rule, form) in canonical_rules().apply_all(g, &mut self.prover, canonical) {
            let readable = self.here.collected(g, form);
            found.push((readable, How::Rule(rule)));
        }
        let collected = self.here.collected(g, node);
        if measure(g, collected) <= measure(g, node) {
            found.push((collected, How::Law("collect")));
        }
    }

    /// The shortest form of a node, with what led to it.
    pub fn shortest(&mut self, g: &mut Graph, node: Id) -> Option<Form> {
        if walk::tree_size(g, node) > CANONICAL {
            return None;
        }
        if let Some(found) = self.everywhere.shortest.get(&node) {
            return *found;
        }
        let found = on_the_way(&mut self.everywhere.simplifier, g, node).pop();
        self.note();
        self.everywhere.shortest.insert(node, found);
        found
    }

    /// Equal ids for what collecting alone shows to be equal.
    pub fn canonical(&mut self, g: &mut Graph, e: Id) -> Id {
        self.here.canonical(g, e)
    }

    /// The shortest form of a part that was just made.
    pub fn simplified(&mut self, g: &mut Graph, part: Id) -> Id {
        self.everywhere.simplifier.shortest(g, part)
    }

    /// The forms on the way to the shortest one of a whole expression.
    pub fn shorter(&mut self, g: &mut Graph, root: Id) -> Vec<Form> {
        let out = on_the_way(&mut self.here, g, root);
        self.note();
        out
    }

    /// Tells the clock of the work since it was told last.
    fn note(&mut self) {
        let work = self.work();
        clock::spend_simplifying(work.simplified.saturating_sub(self.noted.simplified));
        clock::spend_questions(work.asked.saturating_sub(self.noted.asked));
        self.noted = work;
    }

    /// What they have done so far.
    fn work(&mut self) -> Work {
        Work { simplified: self.here.work() + self.everywhere.simplifier.work(), asked: self.prover.asked() }
    }

    /// A sum with like terms collected, where that makes it shorter.
    pub fn collected(&mut self, g: &mut Graph, e: Id) -> Id {
        let collected = self.here.collected(g, e);
        if measure(g, collected) <= measure(g, e) { collected } else { e }
    }

    /// Whether a condition is proved.
    pub fn proves(&mut self, g: &mut Graph, condition: Id) -> bool {
        self.prover.proves(g, condition)
    }

    /// The form with every sum and product that is new in it collected: `x + 1 - x` is 1.
    fn tidied(&mut self, g: &mut Graph, form: Id, own: &HashSet<Id>) -> Id {
        walk::rebuild(g, form, |g, id, kids| {
            let made = if g.children(id) == kids { id } else { light::with_children(g, id, kids) };
            if own.contains(&made) || !matches!(g.view(made), View::Add(_)) {
                return made;
            }
            let collected = self.here.collected(g, made);
            if measure(g, collected) < measure(g, made) { collected } else { made }
        })
    }
}

/// The forms on the way to the shortest one, each with the most telling of what led to it.
fn on_the_way(simplifier: &mut Simplifier, g: &mut Graph, root: Id) -> Vec<Form> {
    let how = |m: &Move| {
        let rule = m.how.iter().rfind(|how| matches!(how, How::Rule(_)));
        let telling = || m.how.iter().rfind(|how| !["collect", "cancel"].contains(&how.name()));
        rule.or_else(telling).or(m.how.last()).copied().unwrap_or(How::Law("collect"))
    };
    simplifier.moves(g, root).iter().map(|m| (m.after, how(m))).collect()
}

/// `root` with `node` replaced, and nothing in the way that no reader wants to see.
pub fn replaced(g: &mut Graph, root: Id, node: Id, form: Id) -> Id {
    walk::rebuild(g, root, |g, id, kids| match () {
        () if id == node => form,
        () if g.children(id) == kids => id,
        () => light::with_children(g, id, kids),
    })
}

fn lightened(g: &mut Graph, form: Id) -> Id {
    walk::rebuild(g, form, |g, id, kids| if kids.is_empty() { id } else { light::with_children(g, id, kids) })
}

/// The form by which a function is computed, where an exact identity for its stable evaluation says so of every argument.
pub fn kernel(g: &mut Graph, call: Id) -> Option<Id> {
    let mut prover = Prover::new(&Known::default());
    let found = kernels().apply_all(g, &mut prover, call);
    let (_, form) = found.into_iter().next()?;
    let light = lightened(g, form);
    Some(light)
}

/// The identities by which functions are computed.
fn kernels() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let stable: Vec<&'static Rule> = table().into_iter().filter(|rule| rule.purpose == Purpose::Stable).collect();
        let is_kernel = |g: &mut Graph, _: &'static Rule, left: Id, right: Id| {
            let is_bare =
                matches!(g.view(left), View::Call(..)) && g.children(left).iter().all(|kid| g.as_symbol(*kid).is_some());
            is_bare && walk::topological(g, &[right]).into_iter().any(|id| is_size(g, id))
        };
        Rules::compile(&stable, is_kernel, |_, side| side)
    })
}

/// Every identity, as it is written.
fn typed() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| Rules::compile(&table(), is_worth_trying, |_, side| side))
}

/// Every identity, with its left side in canonical form.
fn canonical_rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut simplifier = Simplifier::new(&Known::default());
        Rules::compile(&table(), is_worth_trying, |g, side| simplifier.canonical(g, side))
    })
}

fn table() -> Vec<&'static Rule> {
    crate::math::rules().collect()
}

/// A rule without letters is a value; one that only says what a function of letters means leads back from where names lead.
fn is_worth_trying(g: &mut Graph, rule: &'static Rule, left: Id, right: Id) -> bool {
    let is_bare = g.children(left).iter().all(|kid| g.as_symbol(*kid).is_some());
    let is_exponential = matches!(g.view(left), View::Call(f, _) if f.name() == "exp");
    let sizes = |id: Id| walk::topological(g, &[id]).into_iter().filter(|id| is_size(g, *id)).count();
    let leads_back = match rule.purpose {
        Purpose::Relate => is_bare || is_exponential || sizes(right) > sizes(left),
        Purpose::Expand => is_exponential,
        // what the function itself is computed by
        Purpose::Stable => is_bare && sizes(right) > sizes(left),
        _ => false,
    };
    !walk::free_symbols(g, &[left]).is_empty() && !leads_back
}

/// A function that says how large or on which side something is.
fn is_size(g: &Graph, id: Id) -> bool {
    matches!(g.view(id), View::Call(f, _) if ["abs", "sign", "max", "min", "clamp", "relu", "step"].contains(&f.name()))
}
