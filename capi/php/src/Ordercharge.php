<?php

declare(strict_types=1);

namespace Ordercharge;

/**
 * Checks, repairs, compares and explains orders. Amounts are strings, as `bcmath` takes them: a float has lost digits.
 *
 *     $ordercharge = new Ordercharge('/usr/lib/libordercharge_c.so');
 *     $report = $ordercharge->check($json);
 *     foreach ($report['violations'] as $violation) { echo $violation['message'], "\n"; }
 */
final class Ordercharge
{
    private const DECLARATIONS = 'char *ordercharge_call(const char *function, const uint8_t *input, size_t input_length, const char *options);'
        . 'void ordercharge_free(char *result);';

    private \FFI $library;

    /** @param ?string $library the path of the library; by default the variable ORDERCHARGE_LIBRARY, else what the system finds */
    public function __construct(?string $library = null)
    {
        $name = $library ?? (getenv('ORDERCHARGE_LIBRARY') ?: 'libordercharge_c.so');
        $this->library = \FFI::cdef(self::DECLARATIONS, $name);
    }

    /**
     * Checks one order. Input that is not an order has the verdict `unreadable`.
     *
     * @param array{policy?: array<string, mixed>, source?: string} $options
     * @return array<string, mixed> the record, see docs/output.md
     */
    public function check(string $order, array $options = []): array
    {
        return self::decoded($this->call('check', $order, $options));
    }

    /**
     * Checks orders in any container.
     *
     * @param array{policy?: array<string, mixed>, source?: string, all?: bool} $options
     * @return array{records: list<array<string, mixed>>, summary: array<string, mixed>}
     */
    public function checkAll(string $orders, array $options = []): array
    {
        $records = self::lines($this->call('check_all', $orders, $options));
        $summary = array_pop($records);
        return ['records' => $records, 'summary' => $summary];
    }

    /**
     * Repairs orders: `unsafe` also writes the repair of a diagnosis.
     *
     * @param array{policy?: array<string, mixed>, unsafe?: bool, prefer?: list<string>, recalculate?: bool} $options
     * @return array<string, mixed> the repaired `text`, the `repairs`, and counts
     */
    public function fix(string $orders, array $options = []): array
    {
        return self::decoded($this->call('fix', $orders, $options));
    }

    /**
     * Compares an order with the cart's order that it was made from: which charge is not the cart's, and the place of the
     * cart's order that it was taken from.
     *
     * @param array{cart?: string, cart_table?: string, edited?: string, money?: string, source?: string, cart_source?: string, places?: bool} $options
     * @return array<string, mixed> the record, see docs/carts.md
     */
    public function compare(string $cartOrder, string $order, array $options = []): array
    {
        return self::decoded($this->call('compare', $cartOrder . $order, ['cart_length' => strlen($cartOrder)] + $options));
    }

    /**
     * Compares orders with the cart's orders, joined by name.
     *
     * @param array{cart?: string, cart_table?: string, edited?: string, money?: string, source?: string, cart_source?: string, all?: bool} $options
     * @return array{comparisons: list<array<string, mixed>>, summary: array<string, mixed>, errors: list<string>}
     */
    public function compareAll(string $cartOrders, string $orders, array $options = []): array
    {
        $records = self::lines($this->call('compare_all', $cartOrders . $orders, ['cart_length' => strlen($cartOrders)] + $options));
        $summary = array_pop($records);
        return ['comparisons' => self::of('comparison', $records), 'summary' => $summary, 'errors' => self::errors($records)];
    }

    /**
     * Makes right CartRover orders from a cart's orders: the `text` of each is its JSON.
     *
     * @param array{cart?: string, cart_table?: string, edited?: string, money?: string, source?: string} $options
     * @return array{mapped: list<array<string, mixed>>, unmapped: list<array<string, mixed>>, errors: list<string>}
     */
    public function map(string $cartOrders, array $options = []): array
    {
        $records = self::lines($this->call('map', $cartOrders, $options));
        return ['mapped' => self::of('mapped', $records), 'unmapped' => self::of('unmapped', $records), 'errors' => self::errors($records)];
    }

    /**
     * Explains a mistake by name, or rules and findings of `compare` by code or name; without a name, all.
     *
     * @return list<array<string, mixed>>
     */
    public function explain(string $name = ''): array
    {
        return self::decoded($this->call('explain', $name));
    }

    /**
     * Orders to test with.
     *
     * @param array{count?: int, seed?: int, fault?: string} $options
     * @return list<string>
     */
    public function generate(array $options = []): array
    {
        return array_values(array_filter(explode("\n", $this->call('generate', '', $options))));
    }

    /**
     * Calls a function by name: the text of its result, which is what the command prints.
     *
     * @param array<string, mixed> $options
     */
    public function call(string $function, string $input = '', array $options = []): string
    {
        $length = strlen($input);
        $bytes = $this->library->new('uint8_t[' . max($length, 1) . ']');
        \FFI::memcpy($bytes, $input, $length);
        $json = json_encode((object) $options, JSON_THROW_ON_ERROR);
        $result = $this->library->ordercharge_call($function, $bytes, $length, $json);
        if ($result === null) {
            throw new \RuntimeException('the memory is used up');
        }
        $text = \FFI::string($result);
        $this->library->ordercharge_free($result);
        if (str_starts_with($text, '{"format":1,"type":"failure"')) {
            throw new \InvalidArgumentException(self::decoded($text)['message']);
        }
        return $text;
    }

    /** @return list<array<string, mixed>> */
    private static function lines(string $records): array
    {
        return array_map(self::decoded(...), explode("\n", rtrim($records)));
    }

    /**
     * @param list<array<string, mixed>> $records
     * @return list<array<string, mixed>>
     */
    private static function of(string $type, array $records): array
    {
        return array_values(array_filter($records, fn (array $record): bool => $record['type'] === $type));
    }

    /**
     * @param list<array<string, mixed>> $records
     * @return list<string>
     */
    private static function errors(array $records): array
    {
        return array_column(self::of('error', $records), 'message');
    }

    /** @return array<mixed> */
    private static function decoded(string $json): array
    {
        return json_decode($json, true, 64, JSON_THROW_ON_ERROR);
    }
}
