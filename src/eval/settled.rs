//! The f64 path judged by the enclosures: where they decide, their value counts; where they cannot, the f64 stands with the
//! reason for doubt. Also what plain code makes of an expression, and which part of it loses the digits.

use super::{Cause, CauseKind, Evaluation, Plan, Truth, Values, recognise::recognise};
use crate::expr::{Graph, Id, Symbol, View};
use crate::verify::evaluate::Missing;
use std::collections::HashMap;

/// A value with what is known of it.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The value, and its cause where it is not an ordinary one.
    pub found: Evaluation,
    /// Why it is not certain to be the f64 nearest to the true value; nothing where it is.
    pub doubt: Option<&'static str>,
}

impl Settled {
    fn certain(value: f64, cause: Option<Cause>) -> Self {
        Settled { found: Evaluation { value, cause }, doubt: None }
    }

    /// The value that the f64 path found, judged by what the enclosures say of `node`.
    pub fn judge(node: Id, fast: Evaluation, truth: Result<f64, Missing>) -> Self {
        let own = |kind| Some(Cause { node, kind, arguments: Vec::new() });
        let strict = fast.cause.clone().filter(|cause| cause.kind.is_strict());
        match truth {
            Ok(v) if v.is_finite() => Settled::certain(v, None),
            Ok(v) => {
                let cause = fast.cause.filter(|cause| cause.kind == CauseKind::Overflow);
                Settled::certain(v, cause.or_else(|| own(CauseKind::Overflow)))
            }
            // a pole keeps its infinity
            Err(Missing::Undefined(_)) if strict.is_some() => Settled { found: fast, doubt: None },
            Err(Missing::Undefined(why)) => Settled::certain(f64::NAN, own(CauseKind::Undefined(why.into()))),
            Err(Missing::NotSmooth(_)) if strict.is_some() => Settled { found: fast, doubt: None },
            Err(Missing::NotSmooth(why)) => Settled::certain(f64::NAN, own(CauseKind::Kink(why.into()))),
            Err(Missing::Uncertain) => Settled { found: fast, doubt: Some("too close to a place where it has no value") },
            Err(Missing::Unknown(why)) => Settled { found: fast, doubt: Some(why) },
        }
    }
}

/// What plain code makes of an expression, where that is far from the truth.
#[derive(Clone, Debug)]
pub struct Loss {
    /// What it gives.
    pub value: f64,
    /// The part that does it.
    pub cause: Cause,
}

/// A relative error from which half of the digits of an f64 are lost: 2^-26.
const HALF: f64 = 1.490_116_119_384_765_6e-8;

/// What the operations as typed, each rounded to f64, make of `root`, whose true value is `value`; nothing where at least half
/// of the digits are right.
pub fn loss(
    g: &Graph,
    definitions: &HashMap<Symbol, Id>,
    root: Id,
    env: &HashMap<Symbol, f64>,
    value: f64,
    truth: &mut Truth<'_>,
) -> Option<Loss> {
    let plan = Plan::new(g, definitions, &[root]);
    let values = Values::compute(g, &plan, env);
    let plain = values.evaluation(root);
    if error(plain.value, value) < HALF {
        return None;
    }
    if let Some(cause) = plain.cause {
        return Some(Loss { value: plain.value, cause });
    }
    // the parts stand before what they are part of
    let (node, lost) = plan.order().iter().filter(|id| !g.is_condition(**id)).find_map(|id| {
        let lost = error(values.value(*id), truth.nearest(*id).ok()?);
        (lost >= HALF).then_some((*id, lost))
    })?;
    let arguments = g.children(node).iter().map(|kid| values.value(*kid)).collect();
    let digits = if lost < 1.0 { (-lost.log10()) as u32 } else { 0 };
    Some(Loss { value: plain.value, cause: Cause { node, kind: CauseKind::Lost(digits), arguments } })
}

/// The relative error of a value; infinite where one of the two is finite and the other not.
fn error(found: f64, value: f64) -> f64 {
    if found == value || (found.is_nan() && value.is_nan()) {
        return 0.0;
    }
    let gap = (found - value).abs();
    // at the edge of the subnormals a step is no loss
    if gap <= f64::MIN_POSITIVE { 0.0 } else { gap / value.abs() }
}

/// The smallest part of `root` around `node` that has a stable form, and that form.
pub fn instead(g: &mut Graph, root: Id, node: Id) -> Option<(Id, Id)> {
    let inside = crate::expr::walk::topological(g, &[root]);
    let mut holds: HashMap<Id, bool> = HashMap::new();
    for id in inside {
        let around = id == node || g.children(id).iter().any(|kid| holds.get(kid) == Some(&true));
        holds.insert(id, around);
        if around && !matches!(g.view(id), View::Number(_) | View::Symbol(_)) {
            let form = recognise(g, id);
            if form != id {
                return Some((id, form));
            }
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expr::{Number, print::plain};
    use crate::resolve::formula;

    /// The text of the loss of an expression at x, and what to write instead.
    #[allow(clippy::type_complexity)]
    fn told(text: &str, x: f64) -> Option<(f64, String, Option<(String, String)>)> {
        let mut g = Graph::new();
        let root = formula(&mut g, text).unwrap();
        let (symbol, none) = (g.intern("x"), HashMap::new());
        let exact = Number::from_f64(x).unwrap();
        let mut truth = Truth::new(&g, &none, vec![(symbol, exact)]);
        let value = truth.nearest(root).unwrap();
        let found = loss(&g, &none, root, &HashMap::from([(symbol, x)]), value, &mut truth)?;
        let cause = found.cause.explain(&g);
        let form = instead(&mut g, root, found.cause.node).map(|(a, b)| (plain(&g, a), plain(&g, b)));
        Some((found.value, cause, form))
    }

    #[test]
    fn plain_code_is_told_where_it_fails_and_why() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        let (value, cause, form) = told("2*log(1 + exp(x))", 1000.0).unwrap();
        assert_eq!((value, cause.as_str()), (f64::INFINITY, "exp(x) is beyond the largest f64, at x = 1000"));
        assert_eq!(form, pair("log(1 + exp(x))", "softplus(x)"));
        let (value, cause, form) = told("(exp(x) - 1)/x", 1e-10).unwrap();
        assert!((value - 1.0).abs() > 1e-8);
        assert_eq!(cause, "the terms of exp(x) - 1 cancel: 7 of 16 digits are left, at exp(x) = 1.0000000001");
        assert_eq!(form, pair("exp(x) - 1", "expm1(x)"));
        assert!(told("exp(x) - 1", 0.5).is_none());
        assert!(told("exp(x)", 1000.0).is_none());
        assert_eq!(told("log(1 + exp(x))", -50.0).unwrap().0, 0.0);
    }

    #[test]
    fn what_the_enclosures_decide_counts() {
        let mut g = Graph::new();
        let x = g.variable("x");
        let lost =
            Evaluation { value: f64::NAN, cause: Some(Cause { node: x, kind: CauseKind::Overflow, arguments: Vec::new() }) };
        assert_eq!(Settled::judge(x, lost.clone(), Ok(3.0)).found.value, 3.0);
        assert!(Settled::judge(x, lost.clone(), Ok(3.0)).found.cause.is_none());
        let undefined = Settled::judge(x, lost.clone(), Err(Missing::Undefined("log of a negative")));
        assert!(matches!(undefined.found.cause.unwrap().kind, CauseKind::Undefined(_)));
        let open = Settled::judge(x, lost, Err(Missing::Unknown("too much work")));
        assert_eq!((open.doubt, open.found.cause.is_some()), (Some("too much work"), true));
    }
}
