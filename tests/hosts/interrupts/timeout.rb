# Timeout.timeout around a call by way of the gem ffi, whose `blocking: true` lets other threads run.
# Usage: ruby timeout.rb LIBRARY CONFIG OPERATION REQUEST
require "ffi"
require "json"
require "timeout"

module Descope
  extend FFI::Library
  ffi_lib ARGV[0]
  attach_function :descope_client_new, %i[string pointer pointer], :int32
  attach_function :descope_client_call, %i[pointer string string pointer], :int32, blocking: true
  attach_function :descope_client_free, [:pointer], :void
  attach_function :descope_string_free, [:pointer], :void
end

_, config, operation, request = ARGV
client = FFI::MemoryPointer.new(:pointer)
out = FFI::MemoryPointer.new(:pointer)
Descope.descope_client_new(config, client, nil)
begin
  Timeout.timeout(0.5) do
    Descope.descope_client_call(client.read_pointer, operation, request, out)
    puts "no exception"
  end
rescue Timeout::Error => e
  error = JSON.parse(out.read_pointer.read_string)["error"]
  puts "#{e.class} #{error["name"]} #{error["outcome"]}"
end
Descope.descope_string_free(out.read_pointer)
Descope.descope_client_free(client.read_pointer)
