//! Amounts of a line in another unit: minor units, or another currency.

use super::{lines_at, share};
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{FREE, LOOSE};
use crate::order::{Field, FieldSet};

/// The amounts of a line.
const AMOUNTS: [Field; 5] = [Field::Price, Field::Discount, Field::ExtendedAmount, Field::Tax, Field::AddlDiscount];
/// Those that are not part of `extended_amount`.
const OTHERS: FieldSet = FieldSet::of(&[Field::Tax, Field::AddlDiscount]);
/// The sets of fields that are in minor units together.
const SCALED: [FieldSet; 9] = [
    FieldSet::of(&[Field::Price]),
    FieldSet::of(&[Field::Price, Field::Discount]),
    FieldSet::of(&[Field::Price, Field::Discount, Field::ExtendedAmount]),
    FieldSet::of(&[Field::ExtendedAmount]),
    FieldSet::of(&[Field::Discount]),
    FieldSet::of(&[Field::AddlDiscount]),
    FieldSet::of(&[Field::Tax]),
    FieldSet::of(&[Field::Price, Field::ExtendedAmount]),
    FieldSet::of(&AMOUNTS),
];

/// A line with those of the fields changed that are set.
fn scaled(line: &Line, fields: FieldSet, change: impl Fn(Field, Fixed) -> Option<Fixed>) -> Option<Line> {
    let of = |field, amount| if fields.has(field) { change(field, amount) } else { Some(amount) };
    let stated = match line.stated {
        Some(stated) => Some(of(Field::ExtendedAmount, stated)?),
        None => None,
    };
    Some(Line {
        p: of(Field::Price, line.p)?,
        d: of(Field::Discount, line.d)?,
        a: of(Field::AddlDiscount, line.a)?,
        t: of(Field::Tax, line.t)?,
        stated,
        ..line.clone()
    })
}

fn amount_of(line: &Line, field: Field) -> Fixed {
    match field {
        Field::Price => line.p,
        Field::Discount => line.d,
        Field::AddlDiscount => line.a,
        Field::Tax => line.t,
        _ => line.stated.unwrap_or_default(),
    }
}

fn is_set(line: &Line, field: Field) -> bool {
    !amount_of(line, field).is_zero()
}

fn has_fraction(line: &Line, field: Field) -> bool {
    !amount_of(line, field).is_whole()
}

pub(crate) fn minor_units_on_lines(o: &Figures, steps: &mut Steps) {
    let of_cents = o.unit() == Fixed(10_000);
    // Minor units are whole.
    let (mut set, mut fractions) = (FieldSet::default(), FieldSet::default());
    for line in o.lines.iter() {
        for field in AMOUNTS {
            set.add_if(is_set(line, field), field);
            fractions.add_if(field != Field::Discount && has_fraction(line, field), field);
        }
    }
    for power in [2, 1, 3] {
        if power != 2 && of_cents {
            continue;
        }
        let factor = 10_i64.pow(power);
        for fields in SCALED {
            if set.and(fields).is_empty() || !fractions.and(fields).is_empty() {
                continue;
            }
            // The discount of one item may be a part of a minor unit.
            let change = |field: Field, amount: Fixed| {
                (amount.is_whole() || (field == Field::Discount && fields.len() > 1))
                    .then_some(Fixed(amount.0 / factor))
            };
            // Tax and discount of the lines count in the total only if the header states none.
            let only_goods = fields.and(OTHERS).is_empty() || (o.has_sales_tax() && o.has_discount());
            if steps.whole && fields.without(OTHERS).is_empty() {
                // Prices stay as they are, so only the sums of tax and discount can make the header agree.
                let sum = |field: Field| {
                    let amounts = o.lines.iter().map(|line| amount_of(line, field));
                    amounts.map(|amount| if fields.has(field) { Fixed(amount.0 / factor) } else { amount }).sum()
                };
                let agrees = o.may_be_right_with(|field, amount| match field {
                    Field::SalesTax if !o.has_sales_tax() => sum(Field::Tax),
                    Field::OrderDiscount if !o.has_discount() => sum(Field::AddlDiscount),
                    _ => amount,
                });
                if !agrees {
                    continue;
                }
            }
            let scaled = |line: &Line| scaled(line, fields, change).map(|line| o.refreshed(line));
            // Most sets explain nothing: find that out before anything is allocated.
            let sum = o.lines.iter().try_fold(Fixed::ZERO, |e, line| {
                scaled(line).filter(|line| line.holds || !steps.whole).map(|line| e + line.e)
            });
            let strict = steps.whole && only_goods && o.is_strict();
            if let Some(e) = sum
                && (!strict || steps.may_follow(o, e, true))
            {
                let right = o.with_refreshed(o.lines.iter().map(|line| scaled(line).unwrap_or_else(|| line.clone())));
                // The discount must equal those of the lines: that it covers them is weak evidence.
                if fields == FieldSet::of(&[Field::AddlDiscount]) && right.a != right.d() {
                    continue;
                }
                steps.followed(o, right, if power == 2 { 0 } else { 20 }, true, false);
            }
        }
    }
}

pub(crate) fn make_minor_units_on_lines(o: &Figures, pick: usize) -> Option<Figures> {
    let fields = SCALED.get(pick % SCALED.len()).copied()?;
    let power = if o.unit() == Fixed(10_000) { 2 } else { [2, 3].get(pick % 2).copied()? };
    let factor = 10_i64.pow(power);
    let any = o.lines.iter().any(|line| fields.iter().any(|field| is_set(line, field)));
    let change = |_: Field, amount: Fixed| Some(amount.by(factor)).filter(|whole| whole.is_whole());
    let lines: Option<Vec<Line>> = o.lines.iter().map(|line| scaled(line, fields, change)).collect();
    lines.filter(|_| any).map(|lines| o.with_lines(lines))
}

pub(crate) fn lines_in_another_currency(o: &Figures, steps: &mut Steps) {
    if !o.has_sub_total()
        || o.bad > 0
        || o.e.0 <= 0
        || o.s().0 <= 0
        || !o.off().is_zero()
        || (o.s() - o.e).abs().by(50) <= o.e
    {
        return;
    }
    let slack = Fixed((o.unit().0) / 2);
    let far = (o.s().times(o.tl) - o.t().times(o.e)).abs();
    let both = !o.tl.is_zero() && o.t() != o.tl && far <= slack.times(o.s() + o.e + o.t() + o.tl);
    let mut right = lines_at(o, &share(o.s(), &o.es(), o.unit()));
    if !both {
        // If the lines have the tax of the header, they are in its currency.
        let doubt = if o.tl.is_zero() { 0 } else { FREE };
        steps.push(right, doubt + if o.s() > o.e { 10 } else { LOOSE + 20 }, false);
        return;
    }
    let taxes: Vec<Fixed> = o.lines.iter().map(|line| line.t).collect();
    let mut taxes = share(o.t(), &taxes, o.unit()).into_iter();
    right = right.map_lines(|line| Line { t: taxes.next().unwrap_or(line.t), ..line.clone() });
    steps.push(right, -FREE, false);
}

pub(crate) fn make_lines_in_another_currency(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = [13_162, 8_437, 74_700, 10_850].get(pick % 4).copied()?;
    if o.tl.is_zero() || o.lines.len() != 1 {
        return None;
    }
    let into = |amount: Fixed| amount.part(Fixed(rate), Fixed(10_000), o.unit());
    let line = o.lines.first()?;
    let e = into(line.e)?;
    let p = e.per(line.q)?;
    let wrong = o.with_line(0, Line { p, d: Fixed::ZERO, stated: Some(e), t: into(line.t)?, ..line.clone() });
    // The mistake is made only if undoing it gives the same digits again.
    let back = lines_at(&wrong, &share(o.s(), &wrong.es(), o.unit()));
    (line.d.is_zero()
        && back.lines.first().is_some_and(|back| back.p == line.p && back.e == line.e)
        && (o.s() - wrong.e).abs().by(50) > wrong.e
        && o.t() != wrong.tl
        && (o.s().times(wrong.tl) - o.t().times(wrong.e)).abs()
            <= Fixed(o.unit().0 / 2).times(o.s() + wrong.e + o.t() + wrong.tl))
    .then_some(wrong)
}
