//! The partial derivatives of the functions of the table, in the forms that keep their digits in f64, as short programs: read once in a
//! run, and then built in a graph without a look-up of a name.

use crate::expr::{Graph, Id, View, walk};
use crate::math::{FunctionId, functions};
use std::sync::OnceLock;

/// One step of a program: what it makes from the steps before it.
#[derive(Clone, Copy)]
enum Step {
    /// An argument of the function.
    Argument(usize),
    /// A number or a constant.
    Leaf(Id),
    /// An operator on earlier steps, which stand in the list of operands from here, so many.
    Operator(Id, usize, usize),
}

/// What the last step of a formula is, so that a factor in front of it can go where it costs least.
pub enum Slope {
    /// The partial derivative itself.
    Value(Id),
    /// A quotient.
    Quotient(Id, Id),
    /// This where the condition holds, else 0.
    Where(Id, Id),
}

/// A formula in the parameters of its function.
struct Program {
    steps: Vec<Step>,
    operands: Vec<usize>,
}

/// The formulas of a function, in a graph of their own.
struct Template {
    graph: Graph,
    partials: Vec<Option<Program>>,
}

/// The formula of a function, read when it is first asked for.
fn template(f: FunctionId) -> Option<&'static Template> {
    static TEMPLATES: OnceLock<Vec<OnceLock<Template>>> = OnceLock::new();
    let all = TEMPLATES.get_or_init(|| functions().map(|_| OnceLock::new()).collect());
    Some(all.get(f.0 as usize)?.get_or_init(|| Template::new(f)))
}

impl Template {
    fn new(f: FunctionId) -> Self {
        let record = f.record();
        let mut graph = Graph::new();
        let parameters: Vec<Id> = record.parameters.iter().map(|p| graph.variable(p)).collect();
        let partials = record.slopes().iter().map(|text| {
            let root = crate::resolve::formula(&mut graph, text).ok()?;
            Some(Program::new(&graph, root, &parameters))
        });
        let partials = partials.collect();
        Template { graph, partials }
    }
}

impl Program {
    fn new(g: &Graph, root: Id, parameters: &[Id]) -> Self {
        let order = walk::topological(g, &[root]);
        let mut program = Program { steps: Vec::with_capacity(order.len()), operands: Vec::new() };
        for id in &order {
            let step = match parameters.iter().position(|p| p == id) {
                Some(k) => Step::Argument(k),
                None if g.children(*id).is_empty() => Step::Leaf(*id),
                None => {
                    let start = program.operands.len();
                    let places = g.children(*id).iter().filter_map(|kid| order.binary_search(kid).ok());
                    program.operands.extend(places);
                    Step::Operator(*id, start, program.operands.len())
                }
            };
            program.steps.push(step);
        }
        program
    }
}

/// Builds formulas in one graph, reusing its lists.
#[derive(Default)]
pub struct Formulas {
    /// The leaves of each template that this graph has already, by function and index there.
    leaves: Vec<Vec<Option<Id>>>,
    made: Vec<Id>,
    kids: Vec<Id>,
}

impl Formulas {
    /// The partial derivative of `f` in its `k`-th parameter at these arguments; none where the table has no formula.
    pub fn partial(&mut self, g: &mut Graph, f: FunctionId, k: usize, arguments: &[Id]) -> Option<Slope> {
        let template = template(f)?;
        let program = template.partials.get(k)?.as_ref()?;
        self.made.clear();
        let last = program.steps.len().checked_sub(1)?;
        for (at, step) in program.steps.iter().enumerate() {
            let made = match *step {
                Step::Argument(k) => *arguments.get(k)?,
                Step::Leaf(id) => self.leaf(g, template, f, id),
                Step::Operator(id, from, to) => {
                    self.kids.clear();
                    self.kids.extend(program.operands[from..to].iter().map(|place| self.made[*place]));
                    if at == last {
                        return Some(self.last(g, &template.graph, id));
                    }
                    g.copy_of(&template.graph, id, &self.kids)
                }
            };
            self.made.push(made);
        }
        self.made.last().copied().map(Slope::Value)
    }

    fn leaf(&mut self, g: &mut Graph, template: &Template, f: FunctionId, id: Id) -> Id {
        let index = f.0 as usize;
        if self.leaves.len() <= index {
            self.leaves.resize(index + 1, Vec::new());
        }
        let own = &mut self.leaves[index];
        if own.len() < template.graph.len() {
            own.resize(template.graph.len(), None);
        }
        *own[id.index()].get_or_insert_with(|| g.copy_of(&template.graph, id, &[]))
    }

    /// The last step, from operands that are made.
    fn last(&self, g: &mut Graph, template: &Graph, id: Id) -> Slope {
        match (template.view(id), &self.kids[..]) {
            (View::Div(..), [a, b]) => Slope::Quotient(*a, *b),
            (View::If(..), [condition, value, other]) if g.is_zero(*other) => Slope::Where(*condition, *value),
            (View::If(..), [condition, other, value]) if g.is_zero(*other) => {
                let (condition, value) = (*condition, *value);
                Slope::Where(g.not(condition), value)
            }
            _ => Slope::Value(g.copy_of(template, id, &self.kids)),
        }
    }
}
