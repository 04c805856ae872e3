//! What a run may cost: the one table of limits, with the name, the default and the message of each. Who measures asks here what
//! is allowed; what is allowed is chosen on the command line.

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The bytes of a program's text.
    Text,
    /// The messages about the syntax of one text.
    Messages,
    /// How deep brackets, signs, powers and conditionals stand inside one another.
    Nesting,
    /// How deep imports stand inside one another.
    Imports,
    /// The units of work of one statement.
    Work,
    /// The new nodes of one statement.
    Nodes,
    /// The bits of an exact number.
    Bits,
    /// The digits of a value.
    Digits,
    /// The terms of a sum that is written out.
    Terms,
    /// The entries of a vector.
    Entries,
    /// The order of a derivative.
    Order,
    /// The terms of an expanded form.
    Expanded,
}

/// What there is to know of a limit.
#[derive(Debug)]
pub struct Facts {
    /// What is limited.
    pub limit: Limit,
    /// How it is named on the command line.
    pub name: &'static str,
    /// What is allowed unless somebody asks for another.
    pub standard: u64,
    /// The most that can be asked for.
    pub most: u64,
    /// What is counted.
    pub counts: &'static str,
    /// The id of the message of what goes beyond it.
    pub code: &'static str,
}

/// More than this nobody counts.
const ANY: u64 = 1 << 40;

/// Every limit, in the order of [`Limit`].
pub const TABLE: [Facts; 12] = {
    use Limit::*;
    const fn facts(
        limit: Limit,
        name: &'static str,
        standard: u64,
        most: u64,
        counts: &'static str,
        code: &'static str,
    ) -> Facts {
        Facts { limit, name, standard, most, counts, code }
    }
    [
        facts(Text, "text", 1 << 22, 1 << 30, "bytes of a program", "E0403"),
        facts(Messages, "messages", 50, 100_000, "messages about the syntax of a program", "E0402"),
        facts(Nesting, "nesting", 256, 100_000, "brackets, signs, powers and conditionals inside one another", "E0401"),
        facts(Imports, "imports", 64, 256, "imports inside one another", "E0412"),
        facts(Work, "work", 10_000_000, ANY, "units of work of a statement", "E0409"),
        facts(Nodes, "nodes", 1_000_000, 1 << 31, "new nodes of a statement", "E0410"),
        facts(Bits, "bits", 1 << 19, 1 << 32, "bits of an exact number; a larger power stays as it is", "E0405"),
        facts(Digits, "digits", 10_000, 10_000_000, "digits of a value", "E0411"),
        facts(Terms, "terms", 100_000, ANY, "terms of a sum that is written out", "E0216"),
        facts(Entries, "entries", 65_535, 65_535, "entries of a vector", "E0413"),
        facts(Order, "order", 1000, 65_535, "order of a derivative", "E0305"),
        facts(Expanded, "expanded", 2000, ANY, "terms of an expanded form", "E0408"),
    ]
};

impl Limit {
    /// What there is to know of it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        &TABLE[self as usize]
    }

    /// What is allowed unless somebody asks for another.
    #[must_use]
    pub fn standard(self) -> u64 {
        self.facts().standard
    }

    /// How to ask for another, as a sentence.
    #[must_use]
    pub fn advice(self) -> String {
        format!("--limit {}=N sets another limit", self.facts().name)
    }
}

/// What is allowed in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits([u64; TABLE.len()]);

impl Default for Limits {
    fn default() -> Self {
        Limits(std::array::from_fn(|k| TABLE[k].standard))
    }
}

impl Limits {
    /// What is allowed.
    #[must_use]
    pub fn of(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// The same with another limit.
    #[must_use]
    pub fn with(mut self, limit: Limit, allowed: u64) -> Self {
        self.0[limit as usize] = allowed.min(limit.facts().most);
        self
    }
}

/// A limit with what is to be allowed, from `terms=200_000`.
///
/// # Errors
/// One sentence that says what can be asked for.
pub fn chosen(text: &str) -> Result<(Limit, u64), String> {
    let names = || TABLE.map(|facts| facts.name).join(", ");
    let (name, value) = text.split_once('=').ok_or_else(|| format!("NAME=N is needed; the names are {}", names()))?;
    let facts = TABLE.iter().find(|facts| facts.name == name.trim());
    let facts = facts.ok_or_else(|| format!("there is no such limit; the names are {}", names()))?;
    let allowed = value.trim().replace('_', "").parse().ok().filter(|n| (1..=facts.most).contains(n));
    allowed.map(|n| (facts.limit, n)).ok_or_else(|| format!("`{name}` is a whole number from 1 to {}", facts.most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_limit_in_its_place() {
        for (k, facts) in TABLE.iter().enumerate() {
            assert_eq!(facts.limit as usize, k, "{}", facts.name);
            assert!(facts.standard <= facts.most);
            assert_eq!(TABLE.iter().filter(|other| other.code == facts.code || other.name == facts.name).count(), 1);
        }
    }

    #[test]
    fn limits_are_chosen_by_name() {
        assert_eq!(chosen("terms=200_000"), Ok((Limit::Terms, 200_000)));
        for wrong in ["terms", "term=3", "terms=0", "terms=-1", "terms=x", "entries=70000"] {
            assert!(chosen(wrong).is_err(), "{wrong}");
        }
        let limits = Limits::default().with(Limit::Order, 3);
        assert_eq!((limits.of(Limit::Order), limits.of(Limit::Terms)), (3, 100_000));
    }
}
