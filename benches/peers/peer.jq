# jq has binary floats only. Sums are rounded to a hundredth of a cent before they are compared: without it most orders
# would be found wrong that are right. What is unset counts as 0.

def amount: if . == null then 0 else tonumber end;
def same($a; $b): (($a - $b) * 10000 | round) == 0;

def line_is_right:
  (.price | amount) as $price | (.discount | amount) as $discount | (.quantity | amount) as $quantity |
  (.extended_amount | amount) as $stated | (($price - $discount) * $quantity) as $exact |
  .quantity != null and $price >= 0 and $discount >= 0 and $quantity >= 0 and $stated >= 0 and
  (.tax | amount) >= 0 and (.addl_discount | amount) >= 0 and
  (same($stated; $exact) or
    (same($stated * 100; $stated * 100 | round) and (($stated - $exact) * 10000 | fabs | round) <= 50));

def is_right:
  ([.items[] | .tax | amount] | add) as $tax | (.sub_total | amount) as $sub_total |
  (.sales_tax | amount) as $sales_tax | (.shipping_handling | amount) as $shipping |
  (.order_discount | amount) as $discount |
  same($sub_total; [.items[] | .extended_amount | amount] | add) and
  ($tax == 0 or same($sales_tax; $tax)) and
  (($discount - ([.items[] | .addl_discount | amount] | add)) * 10000 | round) >= 0 and
  same(.grand_total | amount; $sub_total + $sales_tax + $shipping - $discount) and
  $sub_total >= 0 and $sales_tax >= 0 and $shipping >= 0 and $discount >= 0 and
  all(.items[]; line_is_right);

select(is_right | not) | .cust_ref
