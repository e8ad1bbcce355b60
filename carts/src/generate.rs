//! Cart orders to test a mapping with: each with the CartRover order that is right for it. Feature `generate`.
//!
//! A shop is imagined first: lines, discounts, tax, shipping. The cart's order and the CartRover order are both written from it,
//! so that neither comes from a table.

use crate::map::{MappedLine, MappedOrder};

/// A cart's order, and the CartRover order that is right for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartOrder {
    /// The cart's order, as JSON on one line.
    pub cart_order: String,
    /// The right CartRover order.
    pub order: MappedOrder,
}

/// The carts whose orders can be made.
pub const CARTS: [&str; 11] = [
    "shopify",
    "woocommerce",
    "amazon",
    "magento",
    "bigcommerce",
    "ebay",
    "walmart",
    "etsy",
    "ecwid",
    "squarespace",
    "tiktok",
];

/// Makes an order of a cart. A cart, seed and number give one order everywhere. `None` for a cart that is not in
/// [`CARTS`].
///
/// ```
/// use ordercharge_carts::generate::cart_order;
///
/// let made = cart_order("shopify", 7, 0).unwrap();
/// assert!(made.cart_order.contains("\"line_items\""));
/// assert!(made.order.cust_ref.is_some());
/// ```
pub fn cart_order(cart: &str, seed: u64, number: u64) -> Option<CartOrder> {
    let write: fn(&Shop) -> String = match cart {
        "shopify" => shopify,
        "woocommerce" => woocommerce,
        "amazon" => amazon,
        "magento" => magento,
        "bigcommerce" => bigcommerce,
        "ebay" => ebay,
        "walmart" => walmart,
        "etsy" => etsy,
        "ecwid" => ecwid,
        "squarespace" => squarespace,
        "tiktok" => tiktok,
        _ => return None,
    };
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number));
    // Orders of one seed have different names.
    let shop = Shop::imagined(cart, 1000 + (number % 1_000_000_000) as i64, &mut random);
    Some(CartOrder { cart_order: write(&shop), order: shop.right(cart) })
}

/// A small generator of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> i64 {
        (self.next() % most.max(1)) as i64
    }

    fn one_of<T: Copy>(&mut self, all: &[T], usual: T) -> T {
        all.get(self.below(all.len() as u64) as usize).copied().unwrap_or(usual)
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }
}

/// A line, in cents.
struct Line {
    sku: String,
    quantity: i64,
    price: i64,
    off: i64,
    tax: i64,
}

impl Line {
    fn row(&self) -> i64 {
        self.price * self.quantity
    }
}

/// What was sold, in cents.
struct Shop {
    number: i64,
    currency: &'static str,
    /// Hundredths of a percent.
    rate: i64,
    /// Whether prices include the tax.
    included: bool,
    lines: Vec<Line>,
    discount: i64,
    shipping: i64,
    shipping_off: i64,
    shipping_tax: i64,
    fee: i64,
    gift_card: i64,
}

/// `amount * part / whole` to the nearest cent; none of them is negative.
fn portion(amount: i64, part: i64, whole: i64) -> i64 {
    (amount * part * 2 + whole) / (whole * 2).max(1)
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// The price of one item of a line of several, with four decimals.
fn each(cents: i64, quantity: i64) -> String {
    let units = portion(cents, 100, quantity);
    format!("{}.{:04}", units / 10_000, units % 10_000)
}

impl Shop {
    fn imagined(cart: &str, number: i64, random: &mut Random) -> Shop {
        let is = |carts: &[&str]| carts.contains(&cart);
        let rate = random.one_of(&[0, 700, 825, 1900, 2000, 2100], 0);
        let included = rate > 0 && is(&["shopify", "ecwid", "squarespace", "amazon"]) && random.chance(30);
        let line_discounts = is(&["shopify", "woocommerce", "amazon", "magento", "tiktok"]) && random.chance(60);
        let mut lines = Vec::new();
        for at in 0..1 + random.below(4) {
            let quantity = if cart == "tiktok" { 1 } else { random.one_of(&[1, 1, 2, 3, 4, 6, 12], 1) };
            let price = 150 + random.below(19_850);
            let percent = if line_discounts { random.one_of(&[0, 5, 10, 15, 40], 0) } else { 0 };
            let off = portion(price * quantity, percent, 100);
            lines.push(Line { sku: format!("SKU-{}-{at}", 100 + random.below(900)), quantity, price, off, tax: 0 });
        }
        let rows: i64 = lines.iter().map(Line::row).sum();
        let order_discount = is(&["bigcommerce", "ebay", "etsy", "ecwid", "squarespace"]) && random.chance(50);
        let discount = if order_discount { portion(rows, random.one_of(&[5, 10, 25], 5), 100) } else { 0 };
        let shipping = random.one_of(&[0, 499, 750, 1295], 0);
        let less = is(&["shopify", "amazon", "magento", "ebay"]) && random.chance(30);
        let shipping_off = if less { shipping / random.one_of(&[1, 2], 1) } else { 0 };
        let with_fee =
            is(&["shopify", "woocommerce", "amazon", "bigcommerce", "ebay", "etsy", "ecwid"]) && random.chance(30);
        let fee = if with_fee { random.one_of(&[150, 325], 150) } else { 0 };
        let mut left = discount;
        let count = lines.len();
        for (at, line) in lines.iter_mut().enumerate() {
            let share = if at + 1 == count { left } else { portion(discount, line.row(), rows) };
            left -= share;
            let taxed = (line.row() - line.off - share).max(0);
            line.tax = if included { portion(taxed, rate, 10_000 + rate) } else { portion(taxed, rate, 10_000) };
        }
        let paid = shipping - shipping_off;
        let taxed = is(&["shopify", "woocommerce", "amazon", "magento", "bigcommerce"]) && random.chance(50);
        let whole = if included { 10_000 + rate } else { 10_000 };
        let shipping_tax = if taxed { portion(paid, rate, whole) } else { 0 };
        let gift_card = if is(&["magento"]) && random.chance(20) { 100 } else { 0 };
        let currency = random.one_of(&["USD", "EUR", "GBP"], "USD");
        Shop { number, currency, rate, included, lines, discount, shipping, shipping_off, shipping_tax, fee, gift_card }
    }

    fn paid_shipping(&self) -> i64 {
        self.shipping - self.shipping_off
    }

    fn rows(&self) -> i64 {
        self.lines.iter().map(Line::row).sum()
    }

    fn off(&self) -> i64 {
        self.lines.iter().map(|line| line.off).sum()
    }

    fn line_tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).sum()
    }

    fn tax(&self) -> i64 {
        self.line_tax() + self.shipping_tax
    }

    fn total(&self) -> i64 {
        let tax = if self.included { 0 } else { self.tax() };
        self.rows() - self.off() - self.discount + self.paid_shipping() + self.fee + tax
    }

    /// By CartRover's definitions.
    fn right(&self, cart: &str) -> MappedOrder {
        // Of these carts a line's tax is known, and it is stated where it is the whole tax.
        let known = ["shopify", "woocommerce", "amazon", "magento", "bigcommerce", "walmart"].contains(&cart);
        let stated = known && self.tax() > 0 && self.shipping_tax == 0;
        let mut sub_total = 0;
        let items = self.lines.iter().map(|line| {
            let paid = line.row() - line.off;
            let net = if self.included { paid - line.tax } else { paid };
            let off = if self.included && paid > 0 { portion(line.off, net, paid) } else { line.off };
            sub_total += net;
            MappedLine {
                item: Some(line.sku.clone()),
                quantity: line.quantity.to_string(),
                price: each(net + off, line.quantity),
                discount: each(off, line.quantity),
                extended_amount: money(net),
                tax: stated.then(|| money(line.tax)),
                addl_discount: None,
            }
        });
        let items = items.collect();
        let shipping = self.paid_shipping() + self.fee - if self.included { self.shipping_tax } else { 0 };
        MappedOrder {
            cust_ref: Some(self.name(cart)),
            currency_code: (cart != "ecwid").then(|| self.currency.to_owned()),
            sub_total: money(sub_total),
            sales_tax: money(self.tax()),
            shipping_handling: money(shipping),
            order_discount: money(self.discount),
            grand_total: money(self.total()),
            items,
        }
    }

    /// The cart's name of the order.
    fn name(&self, cart: &str) -> String {
        match cart {
            "shopify" => format!("#{}", self.number),
            "amazon" => format!("113-{}", self.number),
            "magento" => format!("{:09}", self.number),
            "ebay" => format!("12-{}", self.number),
            _ => self.number.to_string(),
        }
    }

    fn lines(&self, write: impl Fn(usize, &Line) -> String) -> String {
        self.lines.iter().enumerate().map(|(at, line)| write(at, line)).collect::<Vec<_>>().join(",")
    }

    /// An amount shared among the lines, so that the shares add up.
    fn shared(&self, amount: i64, at: usize) -> i64 {
        let count = self.lines.len() as i64;
        amount / count.max(1) + i64::from((at as i64) < amount % count.max(1))
    }
}

fn shopify(shop: &Shop) -> String {
    let Shop { number, currency, included, .. } = shop;
    let rate = money(shop.rate);
    let lines = shop.lines(|at, line| {
        let (price, off) = (money(line.price), money(line.off));
        let allocations = if line.off > 0 { format!(r#"{{"amount":"{off}","discount_application_index":0}}"#) } else { String::new() };
        format!(
            r#"{{"id":{},"sku":"{}","quantity":{},"current_quantity":{},"price":"{price}","total_discount":"0.00","discount_allocations":[{allocations}],"tax_lines":[{{"price":"{}","rate":{rate},"title":"Tax"}}]}}"#,
            9000 + at, line.sku, line.quantity, line.quantity, money(line.tax)
        )
    });
    let (before, after, tax) = (money(shop.shipping), money(shop.paid_shipping()), money(shop.shipping_tax));
    let shipping = format!(
        r#"{{"price":"{before}","discounted_price":"{after}","tax_lines":[{{"price":"{tax}","rate":{rate}}}]}}"#
    );
    let (total, sub, rows) = (money(shop.total()), money(shop.rows() - shop.off()), money(shop.rows()));
    let (tax, off, tip) = (money(shop.tax()), money(shop.off()), money(shop.fee));
    format!(
        r##"{{"id":{},"name":"#{number}","order_number":{number},"currency":"{currency}","taxes_included":{included},"subtotal_price":"{sub}","total_line_items_price":"{rows}","total_discounts":"{off}","total_tax":"{tax}","total_tip_received":"{tip}","total_price":"{total}","line_items":[{lines}],"shipping_lines":[{shipping}]}}"##,
        number * 7919
    )
}

fn woocommerce(shop: &Shop) -> String {
    let lines = shop.lines(|at, line| {
        let (row, paid, tax) = (money(line.row()), money(line.row() - line.off), money(line.tax));
        format!(
            r#"{{"id":{at},"sku":"{}","quantity":{},"subtotal":"{row}","total":"{paid}","total_tax":"{tax}","price":{}}}"#,
            line.sku, line.quantity, each(line.row() - line.off, line.quantity)
        )
    });
    let (shipping, shipping_tax, fee) = (money(shop.paid_shipping()), money(shop.shipping_tax), money(shop.fee));
    let (off, tax, total) = (money(shop.off()), money(shop.tax()), money(shop.total()));
    format!(
        r#"{{"id":{},"number":"{}","currency":"{}","discount_total":"{off}","shipping_total":"{shipping}","shipping_tax":"{shipping_tax}","total_tax":"{tax}","total":"{total}","line_items":[{lines}],"fee_lines":[{{"total":"{fee}"}}]}}"#,
        shop.number + 3,
        shop.number,
        shop.currency
    )
}

fn amazon(shop: &Shop) -> String {
    let amount = |cents: i64| format!(r#"{{"CurrencyCode":"{}","Amount":"{}"}}"#, shop.currency, money(cents));
    let lines = shop.lines(|at, line| {
        let shared = |all: i64| amount(shop.shared(all, at));
        format!(
            r#"{{"SellerSKU":"{}","QuantityOrdered":{},"ItemPrice":{},"ItemTax":{},"PromotionDiscount":{},"ShippingPrice":{},"ShippingDiscount":{},"ShippingTax":{},"BuyerInfo":{{"GiftWrapPrice":{}}}}}"#,
            line.sku, line.quantity, amount(line.row()), amount(line.tax), amount(line.off), shared(shop.shipping),
            shared(shop.shipping_off), shared(shop.shipping_tax), shared(shop.fee)
        )
    });
    format!(
        r#"{{"AmazonOrderId":"113-{}","VatIncluded":{},"OrderTotal":{},"OrderItems":[{lines}]}}"#,
        shop.number,
        shop.included,
        amount(shop.total())
    )
}

fn magento(shop: &Shop) -> String {
    let lines = shop.lines(|at, line| {
        let (sku, quantity, price, row) = (&line.sku, line.quantity, money(line.price), money(line.row()));
        let (off, tax, id, child) = (money(line.off), money(line.tax), 500 + at, 800 + at);
        format!(
            r#"{{"item_id":{id},"sku":"{sku}","qty_ordered":{quantity},"price":{price},"row_total":{row},"discount_amount":{off},"tax_amount":{tax}}},{{"item_id":{child},"parent_item_id":{id},"sku":"{sku}","qty_ordered":{quantity},"price":0,"row_total":0,"discount_amount":0,"tax_amount":0}}"#
        )
    });
    let (rows, off, tax) = (money(shop.rows()), money(shop.off() + shop.shipping_off), money(shop.tax()));
    let (shipping, less, gift) = (money(shop.shipping), money(shop.shipping_off), money(shop.gift_card));
    format!(
        r#"{{"entity_id":{},"increment_id":"{:09}","order_currency_code":"{}","base_currency_code":"{}","subtotal":{rows},"discount_amount":-{off},"shipping_amount":{shipping},"shipping_discount_amount":{less},"tax_amount":{tax},"gift_cards_amount":{gift},"grand_total":{},"items":[{lines}]}}"#,
        shop.number + 11,
        shop.number,
        shop.currency,
        shop.currency,
        money(shop.total() - shop.gift_card)
    )
}

fn bigcommerce(shop: &Shop) -> String {
    let amount = |cents: i64| format!("\"{}00\"", money(cents));
    let lines = shop.lines(|at, line| {
        format!(
            r#"{{"id":{at},"sku":"{}","quantity":{},"price_ex_tax":{},"total_ex_tax":{},"total_inc_tax":{},"total_tax":{}}}"#,
            line.sku, line.quantity, amount(line.price), amount(line.row()), amount(line.row() + line.tax), amount(line.tax)
        )
    });
    format!(
        r#"{{"id":{},"currency_code":"{}","subtotal_ex_tax":{},"subtotal_inc_tax":{},"shipping_cost_ex_tax":{},"shipping_cost_inc_tax":{},"handling_cost_ex_tax":{},"wrapping_cost_ex_tax":"0.0000","discount_amount":{},"coupon_discount":"0.0000","total_tax":{},"total_inc_tax":{},"products":[{lines}]}}"#,
        shop.number,
        shop.currency,
        amount(shop.rows()),
        amount(shop.rows() + shop.line_tax()),
        amount(shop.paid_shipping()),
        amount(shop.paid_shipping() + shop.shipping_tax),
        amount(shop.fee),
        amount(shop.discount),
        amount(shop.tax()),
        amount(shop.total())
    )
}

fn ebay(shop: &Shop) -> String {
    let amount = |cents: i64| format!(r#"{{"value":"{}","currency":"{}"}}"#, money(cents), shop.currency);
    // Discounts come with either sign.
    let sign = if shop.number % 2 == 0 { -1 } else { 1 };
    let lines = shop.lines(|at, line| {
        format!(
            r#"{{"lineItemId":"{at}","sku":"{}","quantity":{},"lineItemCost":{}}}"#,
            line.sku,
            line.quantity,
            amount(line.row())
        )
    });
    format!(
        r#"{{"orderId":"12-{}","pricingSummary":{{"priceSubtotal":{},"priceDiscount":{},"deliveryCost":{},"deliveryDiscount":{},"fee":{},"tax":{},"total":{}}},"lineItems":[{lines}]}}"#,
        shop.number,
        amount(shop.rows()),
        amount(shop.discount * sign),
        amount(shop.shipping),
        amount(shop.shipping_off * sign),
        amount(shop.fee),
        amount(shop.tax()),
        amount(shop.total())
    )
}

fn walmart(shop: &Shop) -> String {
    let amount = |cents: i64| format!(r#"{{"currency":"{}","amount":{}}}"#, shop.currency, money(cents));
    let lines = shop.lines(|at, line| {
        format!(
            r#"{{"lineNumber":"{at}","item":{{"sku":"{}"}},"orderLineQuantity":{{"amount":"{}"}},"charges":{{"charge":[{{"chargeType":"PRODUCT","chargeAmount":{},"tax":{{"taxAmount":{}}}}}]}}}}"#,
            line.sku, line.quantity, amount(line.row()), amount(line.tax)
        )
    });
    format!(
        r#"{{"purchaseOrderId":"{}","orderLines":{{"orderLine":[{lines}]}},"orderSummary":{{"totalAmount":{},"taxTotal":{},"shipping":{}}}}}"#,
        shop.number,
        amount(shop.total()),
        amount(shop.tax()),
        amount(shop.paid_shipping())
    )
}

fn etsy(shop: &Shop) -> String {
    let amount = |cents: i64| format!(r#"{{"amount":{cents},"divisor":100,"currency_code":"{}"}}"#, shop.currency);
    let lines = shop.lines(|at, line| {
        format!(
            r#"{{"transaction_id":{at},"sku":"{}","quantity":{},"price":{}}}"#,
            line.sku,
            line.quantity,
            amount(line.price)
        )
    });
    format!(
        r#"{{"receipt_id":{},"subtotal":{},"discount_amt":{},"total_shipping_cost":{},"total_tax_cost":{},"gift_wrap_price":{},"grandtotal":{},"transactions":[{lines}]}}"#,
        shop.number,
        amount(shop.rows() - shop.discount),
        amount(shop.discount),
        amount(shop.paid_shipping()),
        amount(shop.tax()),
        amount(shop.fee),
        amount(shop.total())
    )
}

fn ecwid(shop: &Shop) -> String {
    let lines = shop.lines(|_, line| {
        format!(r#"{{"sku":"{}","quantity":{},"price":{}}}"#, line.sku, line.quantity, money(line.price))
    });
    let (rows, discount, shipping) = (money(shop.rows()), money(shop.discount), money(shop.paid_shipping()));
    let (fee, tax, total) = (money(shop.fee), money(shop.tax()), money(shop.total()));
    format!(
        r#"{{"id":"{}","pricesIncludeTax":{},"subtotal":{rows},"couponDiscount":{discount},"discount":0,"shippingOption":{{"shippingRate":{shipping}}},"handlingFee":{{"value":{fee}}},"tax":{tax},"total":{total},"items":[{lines}]}}"#,
        shop.number, shop.included
    )
}

fn squarespace(shop: &Shop) -> String {
    let amount = |cents: i64| format!(r#"{{"value":"{}","currency":"{}"}}"#, money(cents), shop.currency);
    let lines = shop.lines(|_, line| {
        format!(r#"{{"sku":"{}","quantity":{},"unitPricePaid":{}}}"#, line.sku, line.quantity, amount(line.price))
    });
    format!(
        r#"{{"orderNumber":"{}","priceTaxInterpretation":"{}","subtotal":{},"discountTotal":{},"shippingTotal":{},"taxTotal":{},"grandTotal":{},"lineItems":[{lines}]}}"#,
        shop.number,
        if shop.included { "INCLUSIVE" } else { "EXCLUSIVE" },
        amount(shop.rows()),
        amount(shop.discount),
        amount(shop.paid_shipping()),
        amount(shop.tax()),
        amount(shop.total())
    )
}

fn tiktok(shop: &Shop) -> String {
    let lines = shop.lines(|at, line| {
        let (row, paid, off) = (money(line.row()), money(line.row() - line.off), money(line.off));
        format!(
            r#"{{"id":"{at}","seller_sku":"{}","original_price":"{row}","sale_price":"{paid}","seller_discount":"{off}","platform_discount":"0.00"}}"#,
            line.sku
        )
    });
    let (shipping, tax, total) = (money(shop.paid_shipping()), money(shop.tax()), money(shop.total()));
    format!(
        r#"{{"id":"{}","payment":{{"currency":"{}","sub_total":"{}","shipping_fee":"{shipping}","tax":"{tax}","total_amount":"{total}"}},"line_items":[{lines}]}}"#,
        shop.number,
        shop.currency,
        money(shop.rows() - shop.off())
    )
}
