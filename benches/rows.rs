//! Value and gradient of a loss over a million rows, on one thread and on two, beside loops written by hand for each: `cargo bench
//! --bench rows`. The ratio to those loops is what counts; it is measured in one run.

use grad::derive::adjoint::adjoints;
use grad::eval::recognise::recognise;
use grad::expr::{Graph, Symbol};
use grad::resolve::formula;
use grad::tape::{Program, Run};
use std::hint::black_box;
use std::time::Instant;

const ROWS: usize = 1_000_000;

fn main() {
    if std::env::args().any(|a| a == "descent") {
        return descent();
    }
    let data = data();
    let logit = |k: usize| {
        let sum: String = (0..k).map(|j| format!(" + w{j}*x{j}")).collect();
        let wrt: Vec<String> = std::iter::once("b".to_owned()).chain((0..k).map(|j| format!("w{j}"))).collect();
        let columns: Vec<String> = (0..k).map(|j| format!("x{j}")).chain(["y".to_owned()]).collect();
        (format!("log(1 + exp(-y*(b{sum})))"), wrt, columns)
    };
    let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let act = "log(1 + exp(x)) + 0.5*y*(1 + tanh(0.7978845608*(y + 0.044715*y^3))) + exp(x)/(exp(x) + exp(y) + exp(z))";
    let poly = "3*x^5 - 2*x^4*y + x^3*y^2 - 4*x*y*z + z^4 - 2*z^3 + exp(-0.5*(x^2 + y^2))*(1 + x*y + z^2) \
                + exp(-0.5*z^2)*(x^3 - 3*x) + log(1 + x^2 + y^2 + z^2)";
    for (name, (text, wrt, columns)) in [
        ("logit2", logit(2)),
        ("logit10", logit(10)),
        ("act", (act.to_owned(), names(&["x", "y", "z"]), names(&["x", "y", "z"]))),
        ("polymix", (poly.to_owned(), names(&["x", "y", "z"]), names(&["x", "y", "z"]))),
    ] {
        if let Some(only) = std::env::args().nth(1).filter(|a| !a.starts_with("--"))
            && only != name
        {
            continue;
        }
        let mut g = Graph::new();
        let root = formula(&mut g, &text).unwrap();
        let root = recognise(&mut g, root);
        let by: Vec<Symbol> = wrt.iter().map(|n| g.intern(n)).collect();
        let slopes = adjoints(&mut g, root, &by).unwrap();
        let slopes: Vec<_> = slopes.into_iter().map(|s| recognise(&mut g, s)).collect();
        let roots: Vec<_> = std::iter::once(root).chain(slopes).collect();
        let cols: Vec<Symbol> = columns.iter().map(|n| g.intern(n)).collect();
        let sums = name.starts_with("logit");
        let params: Vec<Symbol> = if sums { by.clone() } else { Vec::new() };
        let program =
            if sums { Program::of_totals(&g, &roots, &cols, &params) } else { Program::new(&g, &roots, &cols, &params) }.unwrap();
        if std::env::args().any(|a| a == "--list") {
            println!("{}", program.listing());
        }
        let k = columns.len();
        let columns: Vec<&[f64]> = (0..k).map(|j| if sums && j == k - 1 { &data[10][..] } else { &data[j][..] }).collect();
        let mut results = vec![vec![0.0; ROWS]; program.results()];
        for threads in [1, 2] {
            let mut run = Run::new(&program, threads);
            let mut times = Vec::new();
            for _ in 0..40 {
                let mut views: Vec<&mut [f64]> = results.iter_mut().map(|r| &mut r[..]).collect();
                let t = Instant::now();
                let cpu = cpu();
                run.start(&PARAMETERS);
                if std::env::var("SMALL").is_ok() {
                    let part: Vec<&[f64]> = columns.iter().map(|c| &c[..8192]).collect();
                    let mut small: Vec<&mut [f64]> = views.iter_mut().map(|v| &mut v[..8192]).collect();
                    for _ in 0..122 {
                        run.feed(&part, 8192, &mut small);
                    }
                } else {
                    run.feed(&columns, ROWS, &mut views);
                }
                run.end_pass();
                times.push(if threads == 1 { crate::cpu() - cpu } else { t.elapsed().as_secs_f64() });
                black_box(&run.value(0));
            }
            let mean = times.iter().sum::<f64>() / times.len() as f64;
            times.sort_by(f64::total_cmp);
            let check: Vec<f64> = if sums {
                (0..roots.len()).map(|k| run.value(k)).collect()
            } else {
                results.iter().map(|r| r.iter().sum()).collect()
            };
            println!(
                "{name} {threads}: {:.1} M rows/s (best {:.1}), {} instructions, {check:?}",
                ROWS as f64 / mean / 1e6,
                ROWS as f64 / times[0] / 1e6,
                program.instructions()
            );
        }
    }
}

fn descent() {
    let bytes = std::fs::read("/tmp/w/data/w6.bin").unwrap();
    let all: Vec<f64> = bytes.chunks(8).map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect();
    let columns: Vec<Vec<f64>> = (0..4).map(|j| (0..104).map(|i: usize| all[4 * i.min(99) + j]).collect()).collect();
    let columns: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
    let mut g = Graph::new();
    let root = formula(&mut g, "log(1 + exp(-y*(b + w0*x0 + w1*x1 + w2*x2)))").unwrap();
    let root = recognise(&mut g, root);
    let by: Vec<Symbol> = ["w0", "w1", "w2", "b"].iter().map(|n| g.intern(n)).collect();
    let slopes = adjoints(&mut g, root, &by).unwrap();
    let cols: Vec<Symbol> = ["x0", "x1", "x2", "y"].iter().map(|n| g.intern(n)).collect();
    let program = Program::of_totals(&g, &slopes, &cols, &by).unwrap();
    println!("{}", program.listing());
    let mut run = Run::new(&program, 1);
    let mut at = [0.0; 4];
    let t = Instant::now();
    let cpu = cpu();
    for _ in 0..1_000_000 {
        run.start(&at);
        run.feed(&columns, 100, &mut []);
        run.end_pass();
        for (k, a) in at.iter_mut().enumerate() {
            *a -= 0.001 * run.value(k);
        }
    }
    println!("descent: {:.2} M steps/s ({:.2}), {at:?}", 1.0 / (crate::cpu() - cpu), 1.0 / t.elapsed().as_secs_f64());
}

/// Seconds that this thread has run.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) * 1e-9
}

const PARAMETERS: [f64; 11] = [0.1, 0.5, -0.4, 0.3, 0.2, -0.1, 0.05, 0.6, -0.7, 0.15, 0.25];

/// Ten columns of normal deviates and one of ±1.
fn data() -> Vec<Vec<f64>> {
    let read = |name: &str| -> Vec<f64> {
        let bytes = std::fs::read(format!("/tmp/w/data/{name}")).unwrap();
        bytes.chunks(8).map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect()
    };
    let x = read("w5_X.bin");
    let mut all: Vec<Vec<f64>> = x.chunks(ROWS).map(<[f64]>::to_vec).collect();
    all.push(read("w5_y.bin"));
    all
}
