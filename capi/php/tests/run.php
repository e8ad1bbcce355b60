<?php

// The tests of the class: `php -d ffi.enable=1 capi/php/tests/run.php VECTORS CART_VECTORS`.

declare(strict_types=1);

require __DIR__ . '/../src/Ordercharge.php';

use Ordercharge\Ordercharge;

$passed = 0;

function same(mixed $found, mixed $expected, string $what): void
{
    global $passed;
    if ($found !== $expected) {
        fwrite(STDERR, "failed: $what\nexpected: " . var_export($expected, true) . "\nfound: " . var_export($found, true) . "\n");
        exit(1);
    }
    $passed++;
}

$ordercharge = new Ordercharge();
$vectors = file($argv[1], FILE_IGNORE_NEW_LINES) ?: [];
foreach ($vectors as $line) {
    $vector = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    same($ordercharge->call('check', $vector['order']), $vector['record'], $vector['name']);
    same($ordercharge->fix($vector['order'], ['unsafe' => true])['text'], $vector['fixed'], $vector['name']);
}
same(count($vectors) > 300, true, 'there are many vectors');

$vectors = file($argv[2], FILE_IGNORE_NEW_LINES) ?: [];
foreach ($vectors as $line) {
    $vector = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    same($ordercharge->call('compare', $vector['order'], ['cart_order' => $vector['cart_order']]), $vector['comparison'], $vector['name']);
    same($ordercharge->call('map', $vector['cart_order']), $vector['mapped'], $vector['name']);
}
same(count($vectors) > 300, true, 'there are many pairs');

$cart = '{"AmazonOrderId": "A-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "27.98"}, "OrderItems": ['
    . '{"SellerSKU": "MUG", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}}]}';
$order = '{"cust_ref": "A-1", "items": [{"item": "MUG", "quantity": 2, "price": "27.98"}], "grand_total": "27.98"}';
$comparison = $ordercharge->compare($cart, $order);
same($comparison['differences'][0]['taken_from'], '/OrderItems/0/ItemPrice/Amount', 'where a price was taken from');
$all = $ordercharge->compareAll("$cart\n{", $order);
same([count($all['comparisons']), count($all['errors']), $all['summary']['exit']], [1, 1, 2], 'many comparisons');
$broken = $ordercharge->compareAll(str_replace('A-1', "A-\xff", $cart) . "\n$cart", $order);
same([$broken['summary']['pairs'], count($broken['errors'])], [1, 1], 'a byte that is not text costs one order');
same($ordercharge->compare($cart, $order, ['places' => true])['places']['cart_order'], [0, strlen($cart)], 'places');
$made = $ordercharge->map($cart);
same($ordercharge->compare($cart, $made['mapped'][0]['text'])['verdict'], 'same', 'a mapped order');
same($ordercharge->map(str_replace('27.98', '1.00', $order))['unmapped'][0]['cart'], null, 'not an order of a cart');

$wrong = '{"cust_ref": "W", "grand_total": 6, "items": [{"quantity": 2, "price": 2.5, "extended_amount": 5}]}';
$report = $ordercharge->check($wrong);
same($report['verdict'], 'invalid', 'the verdict');
same($report['violations'][0]['expected'], '5', 'an amount is a string');
same($ordercharge->check("\xff\0")['verdict'], 'unreadable', 'bytes that are not text');
same($ordercharge->checkAll("$wrong\n$wrong")['summary']['invalid'], 2, 'a summary');
$off = ['policy' => ['severities' => ['OC105' => 'off']]];
same($ordercharge->check($wrong, $off)['verdict'], 'valid', 'a policy');
same($ordercharge->explain('OC105')[0]['name'], 'grand-total', 'an explanation');
same($ordercharge->explain('OC401')[0]['name'], 'charge-differs', 'the explanation of a finding of a comparison');
same(count($ordercharge->generate(['count' => 5])), 5, 'generated orders');
try {
    $ordercharge->check($wrong, ['polcy' => 1]);
    same('no exception', 'an exception', 'an unknown option');
} catch (InvalidArgumentException $failure) {
    same(str_contains($failure->getMessage(), 'unknown field `polcy`'), true, 'an unknown option');
}
$before = memory_get_usage();
for ($round = 0; $round < 2000; $round++) {
    $ordercharge->check($wrong);
}
same(memory_get_usage() - $before < 100_000, true, 'memory is given back');
echo "$passed passed, 0 failed\n";
