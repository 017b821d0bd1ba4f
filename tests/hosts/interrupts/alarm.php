<?php
// A call with a time limit: pcntl's alarm, whose handler throws an exception.
// Usage: php alarm.php LIBRARY CONFIG OPERATION REQUEST

declare(strict_types=1);

final class TimeLimit extends Exception {}

[, $library, $config, $operation, $request] = $argv;
$descope = FFI::cdef('
    typedef struct descope_client descope_client;
    int32_t descope_client_new(const char *config_json, descope_client **client, char **out);
    int32_t descope_client_call(const descope_client *client, const char *operation,
                                const char *json, char **out);
    void descope_client_free(descope_client *client);
    void descope_string_free(char *string);
', $library);
$client = $descope->new('descope_client *');
$out = $descope->new('char *');
$descope->descope_client_new($config, FFI::addr($client), null);

pcntl_async_signals(true);
pcntl_signal(SIGALRM, fn () => throw new TimeLimit());
pcntl_alarm(1);
try {
    $descope->descope_client_call($client, $operation, $request, FFI::addr($out));
    echo "no exception\n";
} catch (TimeLimit) {
    $error = json_decode(FFI::string($out))->error;
    echo "TimeLimit {$error->name} {$error->outcome}\n";
}
$descope->descope_string_free($out);
$descope->descope_client_free($client);
