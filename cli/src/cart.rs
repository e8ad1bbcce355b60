//! The options that choose a cart and its figures, for `compare` and `map`.

use std::fs;
use std::path::PathBuf;

use clap::ValueEnum;
use ordercharge_carts::{Cart, Choice, Edited, Money};

use crate::output::{Problems, Stop};

/// Which cart the orders are of, and which of their figures are taken.
#[derive(clap::Args)]
pub(crate) struct CartArgs {
    /// The cart that the orders are of. By default each order is recognised by its fields; `none` uses no table.
    #[arg(long, value_name = "NAME|none", value_parser = parse_cart)]
    pub(crate) cart: Option<Known>,
    /// Use a table of your own for the cart. It is checked when it is read.
    #[arg(long, value_name = "FILE", conflicts_with = "cart")]
    pub(crate) cart_table: Option<PathBuf>,
    /// The figures of orders that were edited or refunded after they were placed.
    #[arg(long, value_enum, default_value_t, value_name = "FIGURES")]
    pub(crate) edited: Figures,
    /// The currency of orders that state amounts in two: the shop's or the buyer's. By default the one that the cart gives first.
    #[arg(long, value_enum, value_name = "CURRENCY")]
    pub(crate) money: Option<InMoney>,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Figures {
    /// As the order was placed.
    #[default]
    Original,
    /// As the order is now.
    Current,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum InMoney {
    /// The currency of the shop.
    Shop,
    /// The currency of the buyer.
    Presentment,
}

/// How the cart of an order is found. A table is used until the command ends.
pub(crate) type Known = ordercharge_records::Known<'static>;

fn parse_cart(name: &str) -> Result<Known, String> {
    Known::named(name).map_err(|error| error.to_string())
}

impl CartArgs {
    /// Reads the table, if a file is named. It is used until the command ends.
    pub(crate) fn known(&self) -> Result<Known, Stop> {
        if let Some(path) = &self.cart_table {
            let name = path.to_string_lossy();
            let text =
                fs::read_to_string(path).map_err(|error| Stop::Failed(format!("cannot read {name}: {error}")))?;
            let cart = Cart::from_toml(&name, &text).map_err(|error| Stop::Failed(error.to_string()))?;
            return Ok(Known::Table(Box::leak(Box::new(cart))));
        }
        Ok(self.cart.unwrap_or_default())
    }

    pub(crate) fn choice(&self) -> Choice {
        Choice {
            edited: match self.edited {
                Figures::Original => Edited::Original,
                Figures::Current => Edited::Current,
            },
            money: match self.money {
                None => Money::Usual,
                Some(InMoney::Shop) => Money::Shop,
                Some(InMoney::Presentment) => Money::Presentment,
            },
        }
    }

    /// Reports the paths of the user's table that no order has, and returns whether there are any. `sample` is the text of
    /// an order.
    pub(crate) fn report_unused(&self, known: Known, sample: Option<&[u8]>, problems: &mut Problems) -> bool {
        let (Some(_), Known::Table(cart)) = (&self.cart_table, known) else { return false };
        let unused = ordercharge_records::unused(Some(cart), sample);
        unused.iter().for_each(|error| problems.complain(error));
        !unused.is_empty()
    }
}
