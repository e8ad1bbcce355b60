//! Amounts under another name.

use crate::mistakes::figures::Figures;
use crate::mistakes::steps::Steps;
use crate::order::{Field, Place};

pub(crate) fn misnamed_field(o: &Figures, steps: &mut Steps) {
    if !o.renamed.is_empty() {
        steps.push(o.with_renamed(), 0, true);
    }
}

pub(crate) fn make_misnamed_field(o: &Figures, pick: usize) -> Option<Figures> {
    let header = [Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::SubTotal, Field::GrandTotal];
    let field = header.get(pick % header.len()).copied()?;
    o.header(field).filter(|amount| !amount.is_zero())?;
    o.with_misnamed(&Place::Field(field))
}
