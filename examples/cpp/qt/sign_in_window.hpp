// A window with a field for the login ID and a button that sends a magic link. The window stays
// responsive: the call does not block, and Qt's event loop continues it.
#ifndef SIGN_IN_WINDOW_HPP
#define SIGN_IN_WINDOW_HPP

#include <descope_ml_queue.hpp>

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSocketNotifier>
#include <QString>
#include <QVBoxLayout>
#include <QWidget>

class SignInWindow : public QWidget {
  public:
    explicit SignInWindow(const descope::Client &client)
        : queue_(client), notifier_(queue_.fd(), QSocketNotifier::Read) {
        login_id_.setPlaceholderText("Phone number");
        layout_.addWidget(&login_id_);
        layout_.addWidget(&send_);
        layout_.addWidget(&status_);
        connect(&send_, &QPushButton::clicked, this, [this] { send_link(); });
        // Readable exactly while the queue has something to do.
        connect(&notifier_, &QSocketNotifier::activated, this,
                [this] { queue_.run_once(std::chrono::milliseconds(0)); });
    }

    QLineEdit &login_id() { return login_id_; }
    QPushButton &send_button() { return send_; }
    QString status() const { return status_.text(); }

  private:
    void send_link() {
        const descope::SignInRequest request{login_id_.text().toStdString()};
        send_.setEnabled(false);
        status_.setText("Sending…");
        try {
            queue_.sign_in_sms(request, [this](const descope::Result<descope::LinkSent> &sent) {
                report(sent ? "Sent to " + sent->masked_address()
                            : std::string(sent.error().what()));
            });
        } catch (const descope::Error &error) { // The request is invalid.
            report(error.what());
        }
    }

    void report(const std::string &text) {
        status_.setText(QString::fromStdString(text));
        send_.setEnabled(true);
    }

    // Destroyed in reverse order: the notifier must not outlive the descriptor of the queue.
    descope::Queue queue_;
    QSocketNotifier notifier_;
    QLineEdit login_id_;
    QPushButton send_{"Send link"};
    QLabel status_;
    QVBoxLayout layout_{this};
};

#endif
