//! A loss curve in the terminal and as JSON: the law, its constants, how sure they are, where it leads, and what happened on the way.

use super::curve_picture::picture;
use super::derivation::Marks;
use super::json::number;
use super::plot_text;
use super::prose::{COLUMNS, filled};
use super::table::rounded;
use crate::curve::choose::Judged;
use crate::curve::fit::{Fit, Interval, Noise};
use crate::curve::law::Law;
use crate::diagnostic::quote;
use crate::eval::number_text;
use crate::outcome::Curve;
use crate::plot::Picture;
use crate::syntax::is_name;
use serde_json::{Map, Value, json};

/// The width of the names of constants.
const NAME: usize = 14;
/// Of many events so many are told.
const TOLD: usize = 3;
/// A share of belief below this is not told.
const UNLIKELY: f64 = 5e-4;

/// The answer as lines of text.
#[must_use]
pub fn text(curve: &Curve, marks: Marks) -> String {
    let picture = picture(curve).map_or(String::new(), |picture| plot_text::text(&picture, marks));
    words(curve) + &picture.lines().map(|line| format!("  {line}\n")).collect::<String>()
}

/// The same without its picture.
fn words(curve: &Curve) -> String {
    let filled = |text: &str| filled("  ", "    ", text, COLUMNS);
    let line = |told: Told| match told {
        Told::Law(text) => text + "\n",
        Told::Formula(text) | Told::Said(text) => filled(&text),
        Told::Constant([name, value, range, remark]) => {
            filled(format!("{name:<NAME$} {value:<14} {range:<18} {remark}").trim_end())
        }
    };
    told(curve).into_iter().map(line).collect()
}

/// Something that is said of a curve.
pub(super) enum Told {
    /// The law's name.
    Law(String),
    /// The law as a formula that grad reads.
    Formula(String),
    /// A name, a value, from where to where it may be, and a remark.
    Constant([String; 4]),
    /// A sentence.
    Said(String),
}

/// All that is said of a curve, in order.
pub(super) fn told(curve: &Curve) -> Vec<Told> {
    let mut page = Page { curve, told: Vec::new() };
    page.law();
    page.constants();
    page.future();
    page.choice();
    page.rows();
    page.events();
    page.other();
    page.told
}

/// The picture with what it shows as its title.
pub(super) fn titled_picture(curve: &Curve) -> Option<Picture> {
    let study = &curve.study;
    let fit = study.fit();
    let doubt = if study.choice.is_open { "perhaps " } else { "" };
    Some(Picture { title: format!("{}: {doubt}{}", curve.loss, title(fit)), ..picture(curve)? })
}

struct Page<'c> {
    curve: &'c Curve,
    told: Vec<Told>,
}

impl Page<'_> {
    fn say(&mut self, text: impl AsRef<str>) {
        self.told.push(Told::Said(text.as_ref().to_owned()));
    }

    fn formula(&mut self, fit: &Fit) {
        self.told.push(Told::Formula(formula(self.curve, fit)));
    }

    /// A name with what there is to say of it.
    fn named(&mut self, name: &str, value: impl Into<String>, range: String, remark: &str) {
        self.told.push(Told::Constant([name.to_owned(), value.into(), range, remark.to_owned()]));
    }

    /// `name   value   low to high   remark`
    fn constant(&mut self, name: &str, interval: Interval, unit: &str, remark: &str) {
        self.named(name, format!("{}{unit}", around(interval)), range(interval), remark);
    }

    /// The law and its formula; both where they cannot be told apart.
    fn law(&mut self) {
        let choice = &self.curve.study.choice;
        if !choice.is_open {
            let nearest = if self.curve.study.misfit.is_some() { "no law fits; the nearest is " } else { "" };
            self.told.push(Told::Law(format!("{nearest}{}", title(self.curve.study.fit()))));
            self.formula(self.curve.study.fit());
            return;
        }
        let two: Vec<&Fit> = choice.ranked.iter().take(2).map(|judged| &judged.fit).collect();
        let names: Vec<String> = two.iter().map(|fit| title(fit)).collect();
        self.told.push(Told::Law(format!("cannot tell: {}", names.join(", or "))));
        for fit in two {
            self.formula(fit);
        }
        self.say(match self.curve.study.parting() {
            Some(step) => format!("the two part by more than the noise at step {}: log until there", rounded(step, 2)),
            None => "the two stay closer than the noise; less noise would tell, as in a mean of several runs".to_owned(),
        });
    }

    fn constants(&mut self) {
        let study = &self.curve.study;
        let fit = study.fit();
        let falls = fit.share().best > 0.0;
        let steps = format!(" {}", unit(self.curve));
        if study.choice.is_open {
            self.say(format!("as {}:", title(fit)));
        }
        match fit.law {
            Law::Constant => self.constant("level", fit.base(), "", ""),
            Law::Line => {
                self.constant("per step", fit.share(), "", "");
                self.constant(&format!("at step {}", number_text(fit.frame().origin)), fit.base(), "", "");
            }
            Law::Logarithm => {
                let doubled = fit.share().map(|share| share.abs() * std::f64::consts::LN_2);
                let name = if fit.share().best < 0.0 { "gain" } else { "loss" };
                self.constant(name, doubled, "", "each time the steps double");
                self.constant("at step 1", fit.base(), "", "");
            }
            Law::Exponential if fit.bend < 0.0 => {
                let doubling = fit.bend_interval().map(|rate| -std::f64::consts::LN_2 / rate);
                self.constant("doubles in", doubling, &steps, "");
                self.constant("base", fit.base(), "", "");
                self.constant("amplitude", fit.share(), "", "");
            }
            Law::Exponential => {
                let half = fit.bend_interval().map(|rate| std::f64::consts::LN_2 / rate);
                self.constant("half-life", half, &steps, "");
                self.floor(fit, falls);
                self.constant("amplitude", fit.share(), "", "");
            }
            Law::Power => {
                let times = 2f64.powf(1.0 / fit.bend);
                let remark = format!("halved in {} times the steps", rounded(times, 2));
                self.constant("exponent", fit.bend_interval(), "", &remark);
                self.floor(fit, falls);
                self.constant("amplitude", fit.share(), "", "");
                if let Some(free) = &study.choice.floorless {
                    let exponent = free.bend_interval();
                    self.say(format!("no floor is visible: with a floor of 0, {}", formula(self.curve, free)));
                    self.constant("  exponent", exponent, "", "");
                }
            }
        }
        if fit.is_exact() {
            self.say("no noise beyond rounding");
            return;
        }
        let noise = match study.choice.noise {
            Noise::Absolute => format!("{} for each row, the same everywhere", rounded(fit.sigma, 2)),
            Noise::Relative => format!("{} % of the loss for each row", rounded(100.0 * fit.sigma, 2)),
        };
        self.named("noise", noise, String::new(), "");
        if let Some(noise) = study.misfit {
            let relative = if study.choice.noise == Noise::Relative { " of the loss" } else { "" };
            let line = format!("what it leaves is no noise: neighbouring rows differ by {}{relative} only", rounded(noise, 2));
            self.say(line);
        }
    }

    fn floor(&mut self, fit: &Fit, falls: bool) {
        let (name, base) = (if falls { "floor" } else { "ceiling" }, fit.base());
        if fit.ends_at_zero() {
            self.named(name, "0", String::new(), "");
            return;
        }
        let is_bounded = base.low.is_finite() && base.high.is_finite();
        self.constant(name, base, "", if is_bounded { "" } else { "not visible yet" });
    }

    /// Where the curve is going.
    fn future(&mut self) {
        let study = &self.curve.study;
        let fit = study.fit();
        let (last, unit) = (study.span().1, unit(self.curve));
        let (step, law, row) = study.ahead;
        let more = rounded(step - last, 6);
        self.constant(
            &format!("in {more} more"),
            law,
            "",
            &match fit.is_exact() {
                true => format!("at step {}", rounded(step, 6)),
                false => format!("at step {}, by the law", rounded(step, 6)),
            },
        );
        if !fit.is_exact() {
            self.named("a single row", "", range(row), "");
        }
        match fit.law {
            Law::Exponential if fit.bend > 0.0 => {
                let lives = fit.bend * (last - study.span().0) / std::f64::consts::LN_2;
                let done = 100.0 * (1.0 - (-lives * std::f64::consts::LN_2).exp());
                let done = if done > 99.9 { "over 99.9".to_owned() } else { rounded(done, 3) };
                self.say(format!("{} half-lives are over: {done} % of the way is done", rounded(lives, 2)));
            }
            Law::Power => {
                if let Some(halving) = study.halving() {
                    self.say(format!("half of what is left above the floor takes {} more {unit}", rounded(halving.best, 3)));
                }
            }
            Law::Logarithm => self.say(format!("the next such gain takes {} more {unit}", rounded(last + fit.frame().shift, 3))),
            _ => {}
        }
        if !fit.is_exact() {
            self.say("ranges hold with 95 % confidence, if the law goes on");
        }
    }

    /// By what the law was chosen.
    fn choice(&mut self) {
        let choice = &self.curve.study.choice;
        let likely = |judged: &&Judged| judged.weight >= UNLIKELY;
        let best = choice.ranked.iter().map(|judged| judged.criterion).fold(f64::INFINITY, f64::min);
        let higher = |judged: &Judged| format!("BIC {} higher", rounded(judged.criterion - best, 2));
        let share = |judged: &Judged| match judged.weight > 1.0 - UNLIKELY {
            true => format!("{} over 99.9 %", judged.fit.law.name()),
            false if judged.criterion == best => format!("{} {} %", judged.fit.law.name(), rounded(100.0 * judged.weight, 3)),
            false => format!("{} {} % ({})", judged.fit.law.name(), rounded(100.0 * judged.weight, 2), higher(judged)),
        };
        let told: Vec<String> = choice.ranked.iter().filter(likely).take(TOLD).map(share).collect();
        let next = choice.ranked.iter().filter(|judged| judged.criterion > best);
        let next = next.min_by(|a, b| a.criterion.total_cmp(&b.criterion)).filter(|_| told.len() == 1);
        let next = next.map_or(String::new(), |judged| format!("; next {}, {}", judged.fit.law.name(), higher(judged)));
        let line = format!("chosen by BIC: {}{next}", told.join(", "));
        self.say(line);
        self.say("(BIC: misfit plus a price for each constant of a law; the lower, the better)");
        let first = &choice.ranked[0];
        if let Some(better) = choice.ranked[1..].iter().find(|other| other.criterion < first.criterion) {
            let line = format!("{} fits a little better, but not by enough to believe one constant more", better.fit.law.name());
            self.say(line);
        }
        if choice.memory > 0.0 {
            let line =
                format!("neighbouring rows err alike (correlation {}); the ranges allow for it", rounded(choice.memory, 2));
            self.say(line);
        }
    }

    /// What was done with the rows.
    fn rows(&mut self) {
        let study = &self.curve.study;
        let log = &study.log;
        let (first, last) = study.span();
        let mut parts = vec![format!("{}, steps {} to {}", rows(self.curve.rows), number_text(first), number_text(last))];
        if log.missing > 0 {
            parts.push(format!("{} without a loss left out", rows(log.missing)));
        }
        if log.repeated > 0 {
            parts.push(format!("{} share a step, and count by their mean", rows(log.repeated)));
        }
        if study.without_zero {
            parts.push("step 0 left out of the fit: it has no logarithm".to_owned());
        }
        self.say(parts.join("; "));
        if log.counts_rows {
            self.say("the steps begin anew again and again: rows are counted instead");
        }
        for step in &log.restarts {
            self.say(format!("the run was taken up again at step {}; what it replaces is left out", number_text(*step)));
        }
    }

    /// What happened on the way.
    fn events(&mut self) {
        let study = &self.curve.study;
        if let Some(step) = study.log.broken {
            let name = quote(&self.curve.loss);
            self.say(format!(
                "diverged: {name} is no finite number at step {}; rows from there on are left out",
                number_text(step)
            ));
        }
        let listed: Vec<String> = study
            .spikes
            .iter()
            .take(TOLD)
            .map(|spike| format!("{} at step {}", rounded(spike.loss, 4), number_text(spike.step)))
            .collect();
        if !listed.is_empty() {
            let more = study.spikes.len() - listed.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let what = if study.spikes.len() == 1 { "spike" } else { "spikes" };
            self.say(format!("{what}, left out of the fit: {}{more}", listed.join(", ")));
        }
        let rises = study.fit().ahead(study.span().1, study.choice.noise).0.best
            > study.fit().ahead(study.span().0, study.choice.noise).0.best;
        let bounces: Vec<_> = study.bounces.iter().filter(|bounce| bounce.until.is_some() || !rises).collect();
        for bounce in bounces.iter().take(TOLD) {
            let end = if bounce.until.is_some() { "and comes back" } else { "and does not come back" };
            let (from, to) = (rounded(bounce.from, 4), rounded(bounce.to, 4));
            self.say(format!("bounce: rises by {} from step {from} to {to}, {end}", rounded(bounce.height, 2)));
        }
        if bounces.len() > TOLD {
            let line = format!("{} more bounces", bounces.len() - TOLD);
            self.say(line);
        }
        if let Some(plateau) = study.plateau {
            let (from, to) = (rounded(plateau.from, 3), rounded(plateau.to, 3));
            self.say(match plateau.is_last {
                true => format!("level from step {from} on: no fall beyond the noise"),
                false => format!("plateau from step {from} to {to}: no fall beyond the noise"),
            });
        }
    }

    /// The loss on other data.
    fn other(&mut self) {
        let (Some(name), Some(found)) = (&self.curve.other, self.curve.study.other) else { return };
        let (name, loss) = (quote(name), quote(&self.curve.loss));
        let rise = Interval { best: found.rise, low: found.rise - found.within, high: found.rise + found.within };
        let rise = format!("{} ({})", around(rise), range(rise));
        let least = format!("{name} is least at step {} ({})", number_text(found.step), rounded(found.least, 4));
        self.say(match (found.is_overfitting, found.has_risen) {
            (true, _) => format!("overfitting: {least}, and has risen by {rise} since, while {loss} fell"),
            (false, true) => format!("{least}, and has risen by {rise} since, as has {loss}"),
            (false, false) => format!("{least}; it has not risen beyond its noise since"),
        });
        let where_it_is = if found.gap >= 0.0 { "above" } else { "below" };
        self.say(format!("{name} ends {} {where_it_is} {loss}", rounded(found.gap.abs(), 3)));
    }
}

/// What a law with these constants is called.
fn title(fit: &Fit) -> String {
    let falls = fit.share().best > 0.0;
    match fit.law {
        Law::Constant => "constant: no trend beyond the noise",
        Law::Line if falls => "straight line, rising",
        Law::Line => "straight line, falling",
        Law::Logarithm if falls => "logarithmic rise",
        Law::Logarithm => "logarithmic improvement",
        Law::Exponential if fit.bend < 0.0 => "exponential growth",
        Law::Exponential if falls => "exponential decay to a floor",
        Law::Exponential => "exponential rise to a ceiling",
        Law::Power if falls => "power law to a floor",
        Law::Power => "power law to a ceiling",
    }
    .to_owned()
}

/// A name as it can stand in a formula.
fn named(name: Option<&str>, otherwise: &str) -> String {
    name.filter(|name| is_name(name)).unwrap_or(otherwise).to_owned()
}

/// The law as a formula that grad reads.
fn formula(curve: &Curve, fit: &Fit) -> String {
    let loss = named(Some(&curve.loss), "loss");
    let step = named(curve.step.as_deref(), if curve.step.is_none() { "row" } else { "step" });
    let (base, share) = (fit.base(), fit.share());
    let number = around;
    let plus = |share: Interval| {
        let sign = if share.best < 0.0 { "-" } else { "+" };
        format!("{sign} {}", number(share.map(f64::abs)))
    };
    let from_zero = fit.ends_at_zero();
    let sum = |rest: String| match (from_zero, rest.strip_prefix("+ ")) {
        (true, Some(alone)) => format!("{loss} = {alone}"),
        (true, None) => format!("{loss} = -{}", rest.trim_start_matches("- ")),
        (false, _) => format!("{loss} = {} {rest}", number(base)),
    };
    let frame = fit.frame();
    let since = match frame.origin {
        0.0 => step.clone(),
        origin => format!("({step} - {})", number_text(origin)),
    };
    let counted = if frame.shift == 0.0 { step.clone() } else { format!("({step} + {})", number_text(frame.shift)) };
    match fit.law {
        Law::Constant => format!("{loss} = {}", number(base)),
        Law::Line => sum(format!("{}*{since}", plus(share))),
        Law::Logarithm => {
            let of = if frame.shift == 0.0 { format!("({step})") } else { counted };
            sum(format!("{}*log{of}", plus(share)))
        }
        Law::Exponential => {
            let time = number(fit.bend_interval().map(|rate| 1.0 / rate.abs()));
            let sign = if fit.bend < 0.0 { "" } else { "-" };
            sum(format!("{}*exp({sign}{since}/{time})", plus(share)))
        }
        Law::Power => {
            let exponent = number(fit.bend_interval());
            match fit.has_floor {
                true => sum(format!("{}*{counted}^-{exponent}", plus(share))),
                false => format!("{loss} = {}*{counted}^-{exponent}", number(share)),
            }
        }
    }
}

/// What steps are called.
fn unit(curve: &Curve) -> &'static str {
    let plain = |name: &String| name.to_lowercase();
    match curve.step.as_ref().map(plain).as_deref() {
        None => "rows",
        Some("epoch" | "epochs") => "epochs",
        Some("iter" | "iters" | "iteration" | "iterations") => "iterations",
        Some("batch" | "batches") => "batches",
        Some("s" | "sec" | "seconds") => "seconds",
        Some(_) => "steps",
    }
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// The best value with as many digits as the interval leaves.
fn around(interval: Interval) -> String {
    let width = 0.5 * (interval.high - interval.low);
    let near = (interval.high - interval.best).min(interval.best - interval.low);
    decimals(interval.best, if width.is_finite() { width } else { near })
}

/// A number to a tenth of its uncertainty, and to six digits at most.
fn decimals(value: f64, uncertainty: f64) -> String {
    if value == 0.0 || !value.is_finite() || !uncertainty.is_finite() || uncertainty <= 0.0 {
        return rounded(value, 6);
    }
    let digits = value.abs().log10().floor() - uncertainty.log10().floor() + 2.0;
    rounded(value, (digits.max(2.0) as usize).min(6))
}

/// `low to high`
fn range(interval: Interval) -> String {
    let width = 0.5 * (interval.high - interval.low);
    let end = |value: f64| {
        let scale = if width.is_finite() { width } else { (interval.best - value).abs() };
        decimals(value, scale)
    };
    match (interval.low.is_finite(), interval.high.is_finite()) {
        (true, true) => match (end(interval.low), end(interval.high)) {
            (low, high) if low == high => String::new(),
            (low, high) => format!("{low} to {high}"),
        },
        (true, false) => format!("at least {}", end(interval.low)),
        (false, true) => format!("at most {}", end(interval.high)),
        (false, false) => "not bounded".to_owned(),
    }
}

// ---- JSON

/// The fields of the answer.
#[must_use]
pub fn fields(curve: &Curve) -> Map<String, Value> {
    let study = &curve.study;
    let (first, last) = study.span();
    let (step, law, row) = study.ahead;
    let mut out = Map::new();
    let columns = json!({"step": curve.step, "loss": curve.loss, "val": curve.other});
    out.insert("law".into(), word(study.fit().law).into());
    out.insert("certain".into(), (!study.choice.is_open).into());
    out.extend(constants(curve, study.fit()));
    out.insert(
        "noise".into(),
        json!({
            "kind": if study.choice.noise == Noise::Relative { "relative" } else { "absolute" },
            "sigma": number(study.fit().sigma), "correlation": number(study.choice.memory),
        }),
    );
    out.insert("ahead".into(), json!({"step": number(step), "law": interval(law), "row": interval(row)}));
    out.insert("halving".into(), study.halving().map(interval).into());
    let laws = study.choice.ranked.iter().map(|judged| {
        let mut entry = Map::from_iter([("law".to_owned(), Value::from(word(judged.fit.law)))]);
        entry.insert("bic".into(), number(judged.criterion));
        entry.insert("weight".into(), number(judged.weight));
        entry.extend(constants(curve, &judged.fit));
        Value::Object(entry)
    });
    out.insert("laws".into(), laws.collect());
    if let Some(free) = &study.choice.floorless {
        out.insert("without_floor".into(), Value::Object(constants(curve, free)));
    }
    let log = &study.log;
    out.insert(
        "rows".into(),
        json!({
            "count": curve.rows, "first": number(first), "last": number(last), "missing": log.missing, "repeated": log.repeated,
            "restarts": numbers(&log.restarts), "counted": log.counts_rows, "without_zero": study.without_zero,
        }),
    );
    out.insert("columns".into(), columns);
    out.insert("diverged".into(), log.broken.map(number).into());
    out.insert("spikes".into(), study.spikes.iter().map(|s| json!({"step": number(s.step), "loss": number(s.loss)})).collect());
    let bounces = study
        .bounces
        .iter()
        .map(|b| json!({"from": number(b.from), "to": number(b.to), "height": number(b.height), "until": b.until.map(number)}));
    out.insert("bounces".into(), bounces.collect());
    let plateau = study.plateau.map(|p| json!({"from": number(p.from), "to": number(p.to), "last": p.is_last}));
    out.insert("plateau".into(), plateau.into());
    let other = study.other.map(|o| {
        json!({
            "step": number(o.step), "least": number(o.least), "rise": number(o.rise), "within": number(o.within),
            "gap": number(o.gap), "risen": o.has_risen, "overfitting": o.is_overfitting,
        })
    });
    out.insert("val".into(), other.into());
    out
}

fn numbers(values: &[f64]) -> Value {
    values.iter().map(|value| number(*value)).collect()
}

fn interval(found: Interval) -> Value {
    json!({"value": number(found.best), "low": number(found.low), "high": number(found.high)})
}

/// A law's name as one word.
fn word(law: Law) -> &'static str {
    match law {
        Law::Constant => "constant",
        Law::Line => "line",
        Law::Logarithm => "logarithmic",
        Law::Exponential => "exponential",
        Law::Power => "power",
    }
}

/// The formula and the constants of a law by name.
fn constants(curve: &Curve, fit: &Fit) -> Map<String, Value> {
    let (base, share) = (fit.base(), fit.share());
    let named = match fit.law {
        Law::Constant => json!({"level": interval(base)}),
        Law::Line => json!({"intercept": interval(base), "slope": interval(share)}),
        Law::Logarithm => {
            let gain = share.map(|share| -share * std::f64::consts::LN_2);
            json!({"at_one": interval(base), "coefficient": interval(share.map(|share| -share)), "gain_per_doubling": interval(gain)})
        }
        Law::Exponential => {
            let (rate, half) = (fit.bend_interval(), fit.bend_interval().map(|rate| std::f64::consts::LN_2 / rate));
            json!({
                "floor": interval(base), "amplitude": interval(share), "rate": interval(rate), "half_life": interval(half),
                "time_constant": interval(rate.map(|rate| 1.0 / rate)),
            })
        }
        Law::Power => json!({"floor": interval(base), "amplitude": interval(share), "exponent": interval(fit.bend_interval())}),
    };
    let frame = fit.frame();
    Map::from_iter([
        ("formula".to_owned(), formula(curve, fit).into()),
        ("constants".to_owned(), named),
        ("origin".to_owned(), number(frame.origin)),
        ("shift".to_owned(), number(frame.shift)),
    ])
}
