//! Writes the calls: methods of a client, functions for the default client, methods of a queue.

use std::fmt::Write as _;

use crate::model::{Call, Model};
use crate::text::comment;

pub(crate) fn generate(model: &Model) -> String {
    let mut text = String::from(
        "// The calls of a client. Those that begin with try_ return an error, the others throw it.\n\
         // A template, so that a program compiles only those that it uses.\n\
         template <typename Unused = void> class ClientOperations {\n  public:\n",
    );
    for call in &model.calls {
        write_try(&mut text, call, 4, "", " const", "client_.get(), ");
    }
    text.push_str("#if DESCOPE_ML_EXCEPTIONS\n");
    for call in &model.calls {
        write_throwing(&mut text, call, 4, "", " const");
    }
    text.push_str(
        "#endif\n\n  protected:\n    \
         explicit ClientOperations(detail::ClientPointer client) noexcept : client_(std::move(client)) {}\n    \
         ClientOperations(ClientOperations &&) noexcept = default;\n    \
         ClientOperations &operator=(ClientOperations &&) noexcept = default;\n    \
         ~ClientOperations() = default;\n\n    \
         detail::ClientPointer client_;\n};\n\n\
         // The same calls with the default client.\n",
    );
    for call in &model.calls {
        write_try(
            &mut text,
            call,
            0,
            "template <typename Unused = void> ",
            "",
            "",
        );
    }
    text.push_str("#if DESCOPE_ML_EXCEPTIONS\n");
    for call in &model.calls {
        write_throwing(&mut text, call, 0, "template <typename Unused = void> ", "");
    }
    text.push_str("#endif\n");
    text
}

fn write_try(text: &mut String, call: &Call, indent: usize, start: &str, end: &str, client: &str) {
    let pad = " ".repeat(indent);
    let parameter = parameter(call);
    text.push_str(&comment(indent, &call.doc));
    writeln!(
        text,
        "{pad}{start}[[nodiscard]] Result<{}> try_{}({parameter}){end} {{\n\
         {pad}    return detail::call<{}>({client}\"{}\", detail::to_json(request));\n{pad}}}",
        call.response, call.method, call.response, call.operation
    )
    .unwrap();
}

fn write_throwing(text: &mut String, call: &Call, indent: usize, start: &str, end: &str) {
    let pad = " ".repeat(indent);
    let parameter = parameter(call);
    text.push_str(&comment(indent, &call.doc));
    writeln!(
        text,
        "{pad}{start}{} {}({parameter}){end} {{\n\
         {pad}    return detail::value_or_throw(try_{}(request));\n{pad}}}",
        call.response, call.method, call.method
    )
    .unwrap();
}

/// The request may be left out where nothing in it is needed.
fn parameter(call: &Call) -> String {
    let default = if call.operation == "test/delete_all_users" {
        " = {}"
    } else {
        ""
    };
    format!("const {} &request{default}", call.request)
}

pub(crate) fn generate_queue(model: &Model) -> String {
    let mut text = String::from(
        "// The calls of a queue. With a callback, which gets a Result, a call starts at once and its tag is\n\
         // returned. Without one, the object that is returned starts it: see QueueCall.\n\
         template <typename Unused = void> class QueueOperations {\n  public:\n",
    );
    for call in &model.calls {
        write_queue_call(&mut text, call, "TryQueueCall", "try_");
    }
    text.push_str("#if DESCOPE_ML_EXCEPTIONS\n");
    for call in &model.calls {
        write_queue_call(&mut text, call, "QueueCall", "");
    }
    text.push_str("#endif\n#if DESCOPE_ML_NO_TEMPORARIES_IN_AWAIT\n");
    for call in &model.calls {
        write_unawaitable(&mut text, call, "TryQueueCall", "try_");
    }
    text.push_str("#if DESCOPE_ML_EXCEPTIONS\n");
    for call in &model.calls {
        write_unawaitable(&mut text, call, "QueueCall", "");
    }
    text.push_str(
        "#endif\n#endif\n\n  protected:\n    \
         explicit QueueOperations(std::shared_ptr<detail::QueueState> state) noexcept\n        \
         : state_(std::move(state)) {}\n    \
         QueueOperations(QueueOperations &&) noexcept = default;\n    \
         QueueOperations &operator=(QueueOperations &&) noexcept = default;\n    \
         ~QueueOperations() = default;\n\n    \
         std::shared_ptr<detail::QueueState> state_;\n};\n",
    );
    text
}

/// An overload for a temporary request, for compilers that destroy it twice in `co_await`.
fn write_unawaitable(text: &mut String, call: &Call, class: &str, prefix: &str) {
    let Call {
        method,
        response,
        request,
        ..
    } = call;
    writeln!(
        text,
        "    [[nodiscard]] detail::Unawaitable<{class}<{response}>> {prefix}{method}({request} &&request) {{\n        \
         return {{{prefix}{method}(std::as_const(request))}};\n    }}"
    )
    .unwrap();
}

fn write_queue_call(text: &mut String, call: &Call, class: &str, prefix: &str) {
    let Call {
        method,
        response,
        request,
        operation,
        ..
    } = call;
    let parameter = parameter(call);
    text.push_str(&comment(4, &call.doc));
    writeln!(
        text,
        "    [[nodiscard]] {class}<{response}> {prefix}{method}({parameter}) {{\n        \
         return {class}<{response}>(state_, \"{operation}\", detail::to_json(request));\n    }}"
    )
    .unwrap();
    text.push_str(&comment(4, &call.doc));
    let attribute = if prefix.is_empty() {
        ""
    } else {
        "[[nodiscard]] "
    };
    writeln!(
        text,
        "    template <typename Callback>\n    \
         {attribute}auto {prefix}{method}(const {request} &request, Callback &&callback) {{\n        \
         return {prefix}{method}(request).submit(std::forward<Callback>(callback));\n    }}"
    )
    .unwrap();
}
