//! Which columns of a log are the steps, the losses, and the losses on other data, by the names that people give them.

/// Words for steps, the most telling first.
const STEPS: &[&str] = &[
    "step",
    "steps",
    "globalstep",
    "trainstep",
    "trainingstep",
    "trainglobalstep",
    "iteration",
    "iterations",
    "iter",
    "iters",
    "it",
    "update",
    "updates",
    "epoch",
    "epochs",
    "trainepoch",
    "batch",
    "batches",
    "tokens",
    "samples",
    "examples",
    "round",
    "t",
    "n",
    "x",
    "time",
    "seconds",
    "elapsed",
    "walltime",
];

/// Words for a loss, the most telling first.
const LOSSES: &[&str] =
    &["loss", "cost", "nll", "crossentropy", "ce", "bce", "mse", "objective", "error", "perplexity", "ppl", "y"];

/// What stands before or after such a word where the loss is that of training.
const TRAINING: &[&str] = &["", "train", "training", "total", "trn", "tr", "avg", "average", "mean"];

/// And where it is a loss on other data.
const OTHER: &[&str] = &["val", "valid", "validation", "test", "eval", "evaluation", "dev", "heldout", "holdout"];

/// The columns of a log by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// The steps; without them rows are counted.
    pub step: Option<usize>,
    /// The losses.
    pub loss: usize,
    /// The losses on other data.
    pub other: Option<usize>,
}

/// What somebody asked for by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The column of the steps.
    pub step: Option<String>,
    /// The column of the losses.
    pub loss: Option<String>,
    /// The column of the losses on other data.
    pub other: Option<String>,
}

/// Why the columns are not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfound {
    /// There is no column of this name.
    Name(String),
    /// No name says that a column holds losses.
    Loss,
}

/// Letters and digits in lower case: what counts of a name.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The first column whose name is one of the words, in the order of the words.
fn first<'w>(names: &[String], words: impl Iterator<Item = &'w str>) -> Option<usize> {
    words.into_iter().find_map(|word| names.iter().position(|name| name == word))
}

/// The first column that is called a loss together with one of these words.
fn loss(names: &[String], beside: &[&str]) -> Option<usize> {
    let pairs = || LOSSES.iter().flat_map(|loss| beside.iter().map(move |word| (*loss, *word)));
    pairs().find_map(|(loss, word)| {
        let (before, after) = (format!("{word}{loss}"), format!("{loss}{word}"));
        names.iter().position(|name| *name == before || *name == after)
    })
}

/// Finds the columns of a log.
///
/// # Errors
/// When a name that was asked for is not there, or no column can be taken for the loss.
pub fn roles(columns: &[&str], named: &Named) -> Result<Roles, Unfound> {
    let names: Vec<String> = columns.iter().map(|name| plain(name)).collect();
    let called = |asked: &Option<String>| match asked {
        None => Ok(None),
        Some(asked) => {
            let found = columns.iter().position(|name| name == asked).or_else(|| names.iter().position(|n| *n == plain(asked)));
            found.map(Some).ok_or_else(|| Unfound::Name(asked.clone()))
        }
    };
    let step = called(&named.step)?.or_else(|| first(&names, STEPS.iter().copied()));
    let other = called(&named.other)?.or_else(|| loss(&names, OTHER));
    let only = || {
        let mut rest = (0..names.len()).filter(|k| Some(*k) != step && Some(*k) != other);
        rest.next().filter(|_| rest.next().is_none())
    };
    let found = called(&named.loss)?.or_else(|| loss(&names, TRAINING)).or_else(only).or(other).ok_or(Unfound::Loss)?;
    Ok(Roles { step: step.filter(|k| *k != found), loss: found, other: other.filter(|k| *k != found) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &[&str]) -> (Option<usize>, usize, Option<usize>) {
        let roles = roles(columns, &Named::default()).unwrap();
        (roles.step, roles.loss, roles.other)
    }

    #[test]
    fn usual_names_are_understood_whatever_their_case_and_signs() {
        assert_eq!(found(&["step", "loss"]), (Some(0), 1, None));
        assert_eq!(found(&["Epoch", "Train Loss", "Val Loss"]), (Some(0), 1, Some(2)));
        assert_eq!(found(&["lr", "train/loss", "eval/loss", "train/global_step"]), (Some(3), 1, Some(2)));
        assert_eq!(found(&["epoch", "iteration", "training-cost"]), (Some(1), 2, None));
        assert_eq!(found(&["loss_val", "loss_train"]), (None, 1, Some(0)));
        assert_eq!(found(&["whatever"]), (None, 0, None));
        assert_eq!(found(&["t", "energy"]), (Some(0), 1, None));
        assert_eq!(found(&["epoch", "val_loss"]), (Some(0), 1, None));
    }

    #[test]
    fn a_name_that_is_asked_for_comes_first() {
        let named = |step: &str, loss: &str| Named { step: Some(step.into()), loss: Some(loss.into()), other: None };
        let columns = ["epoch", "seconds", "loss", "regret"];
        assert_eq!(roles(&columns, &named("seconds", "Regret")), Ok(Roles { step: Some(1), loss: 3, other: None }));
        assert_eq!(roles(&columns, &named("hours", "loss")), Err(Unfound::Name("hours".into())));
        assert_eq!(roles(&["epoch", "a", "b"], &Named::default()), Err(Unfound::Loss));
    }
}
