//! How faults find their place: in the text that is being resolved, and at the call that led into a function's body.

use super::{Lowered, Lowering};
use crate::diagnostic::{Code, Diagnostic, code};
use crate::resolve::Fault;
use crate::resolve::apply::Misfit;
use crate::source::Span;
use crate::syntax::ast::ExprId;

impl Lowering<'_> {
    /// A span of the text that is being resolved: inside a function from another text, the call that led there.
    pub(super) fn outer_span(&self, span: Span) -> Span {
        if self.in_own_text() {
            return span;
        }
        self.outermost_call().unwrap_or(span)
    }

    /// The call in the statement itself that led here.
    fn outermost_call(&self) -> Option<Span> {
        self.outer.iter().chain([&self.here]).find_map(|context| context.call)
    }

    /// Whether the text that is being resolved is the one that was given, and not that of a function.
    pub(super) fn in_own_text(&self) -> bool {
        self.here.text.is(self.text)
    }

    #[cold]
    pub(super) fn fault(&self, code: &'static Code, message: String, id: ExprId, label: &str) -> Diagnostic {
        let span = self.outer_span(self.span(id));
        self.through_call(Diagnostic::new(code, message).at(span, label))
    }

    /// Points at the call whose body is at fault.
    #[cold]
    pub(super) fn through_call(&self, fault: Diagnostic) -> Diagnostic {
        match self.outermost_call() {
            Some(call) if fault.span() != Some(call) => fault.see(call, "in this call"),
            _ => fault,
        }
    }

    #[cold]
    pub(super) fn fail<T>(&self, code: &'static Code, message: String, id: ExprId, label: &str) -> Lowered<T> {
        Err(self.fault(code, message, id, label).into())
    }

    #[cold]
    pub(super) fn fail_with<T>(&self, code: &'static Code, message: String, id: ExprId, label: &str, help: String) -> Lowered<T> {
        Err(self.fault(code, message, id, label).help(help).into())
    }

    #[cold]
    pub(super) fn misfit(&self, misfit: Misfit, ids: &[ExprId]) -> Fault {
        match misfit {
            Misfit::Lengths([a, b], [first, second]) => {
                let span = self.outer_span(self.span(ids[first]));
                let message = format!("vectors of {a} and of {b} entries do not fit together");
                let fault = self.fault(&code::LENGTHS, message, ids[second], &format!("{b} entries"));
                fault.see(span, format!("{a} entries")).into()
            }
            Misfit::NeedsVector(at) => {
                self.fault(&code::VECTOR_NEEDED, "a vector is needed".into(), ids[at], "this is a number").into()
            }
            Misfit::VectorAmongNumbers(at) => {
                let message = "one vector or several numbers, not a mixture".into();
                self.fault(&code::VECTOR, message, ids[at], "this is a vector").into()
            }
            Misfit::TooLong(n) => {
                self.fault(&code::TOO_MANY_TERMS, format!("a vector of {n} entries is too long here"), ids[0], "").into()
            }
        }
    }
}
