//! `plot`: a picture of functions of one variable.

use super::ranges::{Along, Look};
use super::{Point, Work};
use crate::diagnostic::{Diagnostic, code, quote};
use crate::domain::{self, Known, compared_with, is_solved};
use crate::eval::{Plan, Truth, Values, number_text, recognise};
use crate::expr::{Graph, Id, Number, Symbol, walk};
use crate::outcome::Answer;
use crate::plot::{Axis, Function, MOST_CURVES, Mark, Picture, Trace, trace};
use crate::resolve::{Fault, Value};
use crate::tape::{Program, Run};
use crate::verify::over::Over;
use std::collections::HashMap;

/// Places at which a curve is looked at, where the statement does not say how many.
const SAMPLES: usize = 241;

/// The work of the enclosures of one curve, in products of balls.
const WORK: u64 = 4_000_000;

/// So often a picture is drawn anew because a curve turned out to reach further.
const PASSES: usize = 4;

/// Curves that turn out to reach so many times as far as their samples have poles, where no number says where.
const STEEP: f64 = 1.5;

/// How near samples go to an edge or a pole, in widths of the picture: from the one to the other the values grow at a pole.
const NEAR: f64 = 1e-7;
const NEARBY: f64 = 1e-4;

/// Values that are not positive are told of at so many places of a range.
const RUNS: usize = 3;

impl Work<'_> {
    pub(super) fn plot(&mut self, value: &Value, along: &Along, look: &Look, point: &Point) -> Result<Answer, Fault> {
        let named = self.named(value);
        let x = self.horizontal(named.len(), along, look)?;
        let mut forms = Vec::with_capacity(named.len());
        for (root, _) in &named {
            forms.push(self.in_parameters(*root, &[along.symbol], point, "for")?);
        }
        let special = self.special_places(&forms, along.symbol, &x);
        let places = special.among(&x, look.samples.unwrap_or(SAMPLES));
        let mut drawings = forms.iter().map(|form| self.drawing(*form, along.symbol)).collect::<Result<Vec<_>, _>>()?;
        let g = &self.session.graph;
        let mut values = Vec::new();
        for (drawing, (_, name)) in drawings.iter_mut().zip(&named) {
            let found = sampled(&mut *drawing.at(g), &places, name, &x, look.log.1);
            let found = found.map_err(|fault| Box::new(fault.at(along.span, "in this range")))?;
            values.extend(places.iter().zip(found).filter(|(at, _)| special.is_ordinary(**at, &x)).filter_map(|(_, v)| v));
        }
        let mut canvas = Canvas { g, drawings: &mut drawings, places: &places, x: &x };
        let (y, traces) = canvas.traced(&values, look.log.1, &special);
        let marks = self.own_value(along, point).map_or(Vec::new(), |own| canvas.marks(own));
        let usual = Picture::canvas(self.session.options.columns);
        let mut picture = Picture {
            title: named.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "),
            x,
            y,
            curves: Vec::new(),
            marks,
            poles: special.poles,
            notes: Vec::new(),
            size: (look.width.unwrap_or(usual.0), look.height.unwrap_or(usual.1)),
        };
        picture.finish(named.into_iter().map(|(_, name)| name).zip(traces));
        Ok(Answer::Picture(Box::new(picture)))
    }

    /// The axis of the variable of a picture of so many curves.
    fn horizontal(&self, curves: usize, along: &Along, look: &Look) -> Result<Axis, Fault> {
        let (from, to) = along.finite("a picture cannot go on without end")?;
        if look.log.0 {
            along.positive()?;
        }
        if curves > MOST_CURVES {
            let message = format!("a picture holds up to {MOST_CURVES} curves, and these are {curves}");
            return Err(Box::new(Diagnostic::new(&code::TOO_LONG, message).help("make several pictures")));
        }
        Ok(Axis::new(self.session.graph.name(along.symbol), from.to_f64(), to.to_f64(), look.log.0))
    }

    /// The function that an expression of one variable is.
    fn drawing(&mut self, form: Id, variable: Symbol) -> Result<Drawing, Fault> {
        if walk::has_rows(&self.session.graph, &[form]) {
            let (columns, rows) = self.columns_in_memory(form)?;
            let program = Program::new(&self.session.graph, &[form], &columns, &[variable]);
            let program = program.map_err(|refusal| self.not_computed(&refusal))?;
            return Ok(Drawing::OverRows { program, rows });
        }
        let stable = recognise::recognise(&mut self.session.graph, form);
        let plan = Plan::new(&self.session.graph, &HashMap::new(), &[stable]);
        Ok(Drawing::Plain { form, stable, plan, variable })
    }

    /// Kinks, jumps, poles and edges of the expressions, as far as the domain engine finds numbers for them.
    fn special_places(&mut self, forms: &[Id], variable: Symbol, x: &Axis) -> Special {
        let g = &mut self.session.graph;
        let mut special = Special::default();
        let number = |g: &Graph, id: Id| {
            let none = HashMap::new();
            Truth::new(g, &none, Vec::new()).nearest(id).ok().filter(|at| (x.low..=x.high).contains(at))
        };
        for form in forms {
            if walk::has_rows(g, &[*form]) {
                continue;
            }
            let report = domain::describe(g, &Known::default(), *form);
            special.is_unsolved |= report.conditions.iter().any(|condition| !is_solved(g, *condition, variable));
            let poles: Vec<Id> = report.poles.iter().map(|(at, _)| *at).collect();
            let kinks: Vec<Id> = report.kinks.iter().map(|(at, _)| *at).collect();
            special.poles.extend(compared_with(g, &poles, variable).into_iter().filter_map(|id| number(g, id)));
            let all: Vec<Id> = report.conditions.iter().chain(&poles).chain(&kinks).copied().collect();
            special.places.extend(compared_with(g, &all, variable).into_iter().filter_map(|id| number(g, id)));
        }
        special.poles.sort_by(f64::total_cmp);
        special.poles.dedup();
        special
    }
}

/// Special places of the curves of a picture.
#[derive(Default)]
struct Special {
    poles: Vec<f64>,
    /// All of them.
    places: Vec<f64>,
    /// Whether there are points without a value that are not among the places.
    is_unsolved: bool,
}

impl Special {
    /// So many places along an axis, with the special ones and the closest neighbourhood of these.
    fn among(&self, x: &Axis, count: usize) -> Vec<f64> {
        let near = |at: &f64| {
            let around = x.place(*at);
            let beside = [-NEARBY, -NEAR, NEAR, NEARBY].map(|far| x.value((around + far).clamp(0.0, 1.0)));
            beside.into_iter().chain([*at])
        };
        let mut all: Vec<f64> = x.spaced(count).into_iter().chain(self.places.iter().flat_map(near)).collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    }
}

impl Special {
    /// Whether a place is none of those that were added beside the special ones.
    fn is_ordinary(&self, at: f64, x: &Axis) -> bool {
        self.places.iter().all(|special| (x.place(at) - x.place(*special)).abs() > 2.0 * NEARBY)
    }

    /// Whether a curve grows beyond the ordinary towards a special place.
    fn is_steep(&self, f: &mut dyn Function, x: &Axis, ordinary: f64) -> bool {
        self.places.iter().any(|at| {
            [-1.0, 1.0].into_iter().any(|side| {
                let mut beside = |far: f64| {
                    Some(x.place(*at) + side * far).filter(|p| (0.0..=1.0).contains(p)).and_then(|p| f.value(x.value(p)))
                };
                beside(NEAR).zip(beside(NEARBY)).is_some_and(|(near, nearby)| (near - nearby).abs() > ordinary / 2.0)
            })
        })
    }
}

/// The curves of a picture while it is drawn.
struct Canvas<'c> {
    g: &'c Graph,
    drawings: &'c mut [Drawing],
    places: &'c [f64],
    x: &'c Axis,
}

impl Canvas<'_> {
    /// The curves, and the axis that suits them; `values` are theirs at ordinary places.
    fn traced(&mut self, values: &[f64], log: bool, special: &Special) -> (Axis, Vec<Trace>) {
        let (g, x, ordinary) = (self.g, self.x, span(values));
        let is_steep = self.drawings.iter_mut().any(|f| special.is_steep(&mut *f.at(g), x, ordinary));
        let mut y = Axis::around(values, log, is_steep || special.is_unsolved);
        let mut traces = Vec::new();
        for _ in 0..PASSES {
            traces = self.drawings.iter_mut().map(|f| trace(&mut *f.at(self.g), self.places, self.x, &y)).collect::<Vec<Trace>>();
            // a peak between two samples, and how steep a pole is, shows only while a curve is traced
            let seen = traces.iter().flat_map(|t| t.lines.iter().flatten()).map(|(_, value)| *value);
            let all: Vec<f64> = values.iter().copied().chain(seen).collect();
            let has_poles = is_steep || (special.is_unsolved && span(&all) > STEEP * ordinary);
            let better = Axis::around(if has_poles { values } else { &all }, log, has_poles);
            if better == y {
                break;
            }
            y = better;
        }
        (y, traces)
    }

    /// The points of the curves at a place.
    fn marks(&mut self, own: f64) -> Vec<Mark> {
        let (g, name) = (self.g, &self.x.name);
        let mark = |(curve, drawing): (usize, &mut Drawing)| {
            let value = drawing.at(g).value(own)?;
            let text = format!("{name} = {}: {}", number_text(own), crate::plot::short(value));
            Some(Mark { curve, at: (own, value), text })
        };
        self.drawings.iter_mut().enumerate().filter_map(mark).collect()
    }
}

/// The distance of the smallest and the largest value.
fn span(values: &[f64]) -> f64 {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    high - low
}

/// The values at some places, where there are any that the axis can show.
fn sampled(f: &mut dyn Function, places: &[f64], name: &str, x: &Axis, log: bool) -> Result<Vec<Option<f64>>, Diagnostic> {
    let found: Vec<Option<f64>> = places.iter().map(|at| f.value(*at)).collect();
    if found.iter().all(Option::is_none) {
        return Err(Diagnostic::new(&code::NO_VALUE, format!("`{}` has no value in this range", quote(name))));
    }
    if log {
        positive(f, places, &found, name, x)?;
    }
    Ok(found)
}

/// What draws a curve.
enum Drawing {
    Plain { form: Id, stable: Id, plan: Plan, variable: Symbol },
    OverRows { program: Program, rows: Vec<Vec<f64>> },
}

impl Drawing {
    fn at<'d>(&'d mut self, g: &'d Graph) -> Box<dyn Function + 'd> {
        match self {
            Drawing::Plain { form, stable, plan, variable } => {
                let (form, stable, variable) = (*form, *stable, *variable);
                Box::new(Plain { g, form, stable, plan, variable, values: HashMap::new(), work: WORK })
            }
            Drawing::OverRows { program, rows } => {
                let threads = std::thread::available_parallelism().map_or(1, usize::from);
                Box::new(OverRows { run: Run::new(program, threads), rows })
            }
        }
    }
}

/// An expression of one variable.
struct Plain<'d> {
    g: &'d Graph,
    form: Id,
    stable: Id,
    plan: &'d Plan,
    variable: Symbol,
    values: HashMap<Symbol, f64>,
    work: u64,
}

impl Function for Plain<'_> {
    fn value(&mut self, x: f64) -> Option<f64> {
        self.values.insert(self.variable, x);
        let found = Values::compute(self.g, self.plan, &self.values).evaluation(self.stable);
        Some(found.value).filter(|value| value.is_finite() && found.cause.is_none_or(|cause| !cause.kind.is_strict()))
    }

    fn smooth(&mut self, from: f64, to: f64) -> Option<(f64, f64)> {
        let none = HashMap::new();
        let mut over = Over::new(self.g, &none, Vec::new(), self.variable, self.work);
        let found = over.derivatives(self.form, &Number::from_f64(from)?, &Number::from_f64(to)?, 1);
        self.work = over.left();
        found.ok().and_then(|found| found.first().map(|values| (values.low, values.high)))
    }
}

/// An expression with reductions over rows. No enclosure looks at rows: between two samples the middle one is asked.
struct OverRows<'d> {
    run: Run<'d>,
    rows: &'d [Vec<f64>],
}

impl Function for OverRows<'_> {
    fn value(&mut self, x: f64) -> Option<f64> {
        crate::budget::look();
        let columns: Vec<&[f64]> = self.rows.iter().map(Vec::as_slice).collect();
        let count = columns.first().map_or(0, |column| column.len());
        self.run.start(&[x]);
        while self.run.is_unfinished() {
            self.run.feed(&columns, count, &mut []);
            self.run.end_pass();
        }
        Some(self.run.value(0)).filter(|value| value.is_finite())
    }

    fn smooth(&mut self, from: f64, to: f64) -> Option<(f64, f64)> {
        let (a, b) = (self.value(from)?, self.value(to)?);
        let middle = self.value(from / 2.0 + to / 2.0)?;
        let (low, high) = (a.min(b), a.max(b));
        let room = (high - low).max(1e-9 * high.abs());
        (low - room..=high + room).contains(&middle).then_some((low.min(middle), high.max(middle)))
    }
}

/// The longest stretch of an axis between these ones, a little inside of it.
fn longest_between(runs: &[(f64, f64)], x: &Axis) -> Option<(f64, f64)> {
    let ends = runs.iter().map(|run| run.0).chain([x.high]);
    let begins = std::iter::once(x.low).chain(runs.iter().map(|run| run.1));
    let (from, to) = begins.zip(ends).max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))?;
    let margin = (to - from) / 50.0;
    let from = if from == x.low { from } else { from + margin };
    let to = if to == x.high { to } else { to - margin };
    (from < to).then_some((from, to))
}

/// Refuses values that a logarithmic axis cannot show, with where they are.
fn positive(f: &mut dyn Function, places: &[f64], values: &[Option<f64>], name: &str, x: &Axis) -> Result<(), Diagnostic> {
    let is_bad = |value: Option<f64>| value.is_some_and(|v| v <= 0.0);
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for (k, at) in places.iter().enumerate() {
        if !is_bad(values[k]) {
            continue;
        }
        let mut edge = |other: Option<usize>| {
            let Some(&good) = other.and_then(|o| places.get(o)) else { return *at };
            let (mut good, mut bad) = (good, *at);
            for _ in 0..50 {
                let middle = good / 2.0 + bad / 2.0;
                if is_bad(f.value(middle)) { bad = middle } else { good = middle }
            }
            bad
        };
        if k == 0 || !is_bad(values[k - 1]) {
            let from = edge(k.checked_sub(1));
            runs.push((from, from));
        }
        if let Some(last) = runs.last_mut().filter(|_| k + 1 == places.len() || !is_bad(values[k + 1])) {
            last.1 = edge(Some(k + 1));
        }
    }
    if runs.is_empty() {
        return Ok(());
    }
    let told = |(from, to): &(f64, f64)| match crate::plot::short(*from) == crate::plot::short(*to) {
        true => format!("at {} = {}", x.name, crate::plot::short(*from)),
        false => format!("for {} in {}..{}", x.name, crate::plot::short(*from), crate::plot::short(*to)),
    };
    let mut shown: Vec<String> = runs.iter().take(RUNS).map(told).collect();
    if runs.len() > RUNS {
        shown.push(format!("and in {} more places", runs.len() - RUNS));
    }
    let message = format!("`{}` is not positive {}", quote(name), shown.join(", "));
    let instead = longest_between(&runs, x).map_or(String::new(), |(from, to)| {
        format!("look at for {} in {}..{}, or ", x.name, crate::plot::short(from), crate::plot::short(to))
    });
    let help = format!("a logarithmic axis has positive numbers only: {instead}plot abs({})", quote(name));
    Err(Diagnostic::new(&code::LOG_AXIS, message).help(help))
}
