#pragma once
/// Real mail servers as children of a test: their configuration, mail and logs in a scratch folder, their ports any
/// free ones on loopback. What is not installed gives a reason to skip; `ci/setup --peers` installs all of them.
///
///   PeerLab lab;
///   Dovecot dovecot(lab);
///   if (!dovecot.missing().empty()) GTEST_SKIP() << dovecot.missing();
///   dovecot.deliver("anna", "Subject: hi\r\n\r\nhello\r\n");
///   Ran ran = lab.mailrig({"fetch", "--server", dovecot.plain(), ...});

#include <arpa/inet.h>
#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "cli/testing/process.h"
#include "fakeservers/certificates/certificate_factory.h"

namespace mailrig::cli::testing {

inline std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}
inline void put(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}
/// The contents of all files in a folder, in the order of their names.
inline std::vector<std::string> all_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) names.push_back(entry.path());
  std::sort(names.begin(), names.end());
  std::vector<std::string> texts;
  texts.reserve(names.size());
  for (const std::string& name : names) texts.push_back(contents(name));
  return texts;
}

class PeerLab {
 public:
  PeerLab() {
    std::string name = (std::filesystem::temp_directory_path() / "mailrig-peers-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    // The servers have users of their own, who must get at their folders.
    ::chmod(folder_.c_str(), 0755);
    using Clock = std::chrono::system_clock;
    const Instant now = std::chrono::time_point_cast<Duration>(Clock::now());
    fakeservers::CertificateFactory factory;
    TlsServerSettings good = factory.make(std::nullopt, {.hosts = {"localhost"}, .at = now}).value();
    TlsServerSettings other = factory.make(CertificateClass::self_signed, {.hosts = {"localhost"}, .at = now}).value();
    put(*this / "ca.pem", factory.root_pem());
    put(*this / "other-ca.pem", other.identity.chain_pem);
    put(*this / "chain.pem", good.identity.chain_pem);
    put(*this / "key.pem", good.identity.key_pem);
    put(*this / "key-and-chain.pem", good.identity.key_pem + good.identity.chain_pem);
    put(*this / "password", "s3cret\n");
    put(*this / "wrong-password", "wr0ng\n");
  }
  ~PeerLab() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PeerLab(const PeerLab&) = delete;
  PeerLab& operator=(const PeerLab&) = delete;

  std::string operator/(const std::string& name) const { return folder_ + "/" + name; }

  Ran mailrig(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), MAILRIG_BINARY_DIR "/mailrig");
    return run(arguments);
  }

  static std::uint16_t free_port() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      ADD_FAILURE() << "no port is free";
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    ::close(descriptor);
    return ntohs(address.sin_port);
  }

  /// True once somebody listens there; false when the child has ended or patience has.
  static bool wait_for(std::uint16_t port, Child& child) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    while (std::chrono::steady_clock::now() < end) {
      const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const bool listens = ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
      ::close(descriptor);
      if (listens) return true;
      if (child.wait(std::chrono::milliseconds(20)) >= 0) return false;
    }
    return false;
  }

  static bool is_root() { return ::geteuid() == 0; }

 private:
  std::string folder_;
};

/// Gives a folder and all in it to a user.
inline void give(const std::string& path, uid_t user, gid_t group) {
  if (!PeerLab::is_root()) return;
  auto change = [&](const std::string& at) {
    if (::lchown(at.c_str(), user, group) != 0) ADD_FAILURE() << "cannot give " << at << " to " << user;
  };
  change(path);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) change(entry.path());
}

inline std::string at_localhost(std::uint16_t port) { return fmt::format("localhost:{}", port); }

class Peer {
 public:
  /// Why it cannot be used; empty when it runs.
  const std::string& missing() const { return missing_; }
  std::string log() const { return contents(log_); }

 protected:
  void start(const std::vector<std::string>& command, std::uint16_t port, const std::string& output) {
    child_ = std::make_unique<Child>(command, output);
    if (PeerLab::wait_for(port, *child_)) return;
    ADD_FAILURE() << command[0] << " did not start: " << contents(output) << log();
    missing_ = "it did not start";
  }

  std::string missing_;
  std::string log_;
  std::unique_ptr<Child> child_;
};

/// Any user name, the password s3cret; mail in maildirs.
class Dovecot : public Peer {
 public:
  /// `more` is added to its configuration, where the last word counts.
  explicit Dovecot(const PeerLab& lab, std::string_view more = {}) : folder_(lab / "dovecot") {
    const std::string program = "/usr/sbin/dovecot";
    if (!std::filesystem::exists(program) || !std::filesystem::exists("/usr/lib/dovecot/pop3-login")) {
      missing_ = "Dovecot is not installed (ci/setup --peers)";
      return;
    }
    for (const char* name : {"run", "state", "home"}) std::filesystem::create_directories(folder_ + "/" + name);
    // As root, mail belongs to nobody; otherwise all processes are ours, and none can be put into a chroot.
    user_ = PeerLab::is_root() ? 65'534 : ::geteuid();
    group_ = PeerLab::is_root() ? 65'534 : ::getegid();
    const passwd* me = ::getpwuid(::geteuid());
    const struct group* ours = ::getgrgid(::getegid());
    const std::string without_root = PeerLab::is_root() || me == nullptr || ours == nullptr
                                         ? ""
                                         : fmt::format(
                                               "default_internal_user={0}\ndefault_internal_group={1}\ndefault_login_"
                                               "user={0}\nservice anvil {{\n chroot=\n}}\n",
                                               me->pw_name, ours->gr_name);
    log_ = folder_ + "/log";
    give(folder_ + "/home", user_, group_);
    put(folder_ + "/dovecot.conf", fmt::format(R"(base_dir={0}/run
state_dir={0}/state
log_path={0}/log
protocols=pop3
listen=127.0.0.1
first_valid_uid=1
mail_fsync=never
disable_plaintext_auth=no
auth_mechanisms=plain login
auth_failure_delay=0
ssl=yes
ssl_cert=<{1}
ssl_key=<{2}
mail_location=maildir:~/Maildir
passdb {{
 driver=static
 args=password=s3cret
}}
userdb {{
 driver=static
 args=uid={3} gid={4} home={0}/home/%u
}}
service pop3-login {{
 chroot=
 inet_listener pop3 {{
  port={5}
 }}
 inet_listener pop3s {{
  port={6}
  ssl=yes
 }}
}}
service auth {{
 inet_listener {{
  address=127.0.0.1
  port={7}
 }}
}}
{8}
{9})",
                                               folder_, lab / "chain.pem", lab / "key.pem", user_, group_, plain_,
                                               implicit_, sasl_, without_root, more));
    start({program, "-F", "-c", folder_ + "/dovecot.conf"}, plain_, folder_ + "/out");
  }

  std::string plain() const { return at_localhost(plain_); }
  std::string implicit() const { return at_localhost(implicit_); }
  std::uint16_t plain_port() const { return plain_; }
  std::uint16_t implicit_port() const { return implicit_; }
  std::uint16_t sasl_port() const { return sasl_; }
  uid_t user() const { return user_; }
  gid_t group() const { return group_; }

  std::string maildir(const std::string& user) const { return folder_ + "/home/" + user + "/Maildir"; }
  void deliver(const std::string& user, const std::string& message) {
    for (const char* name : {"/new", "/cur", "/tmp"}) std::filesystem::create_directories(maildir(user) + name);
    put(fmt::format("{}/new/{:06}.peer", maildir(user), ++delivered_), message);
    give(folder_ + "/home/" + user, user_, group_);
  }
  std::size_t kept(const std::string& user) const {
    return all_in(maildir(user) + "/new").size() + all_in(maildir(user) + "/cur").size();
  }

 private:
  std::string folder_;
  std::uint16_t plain_ = PeerLab::free_port();
  std::uint16_t implicit_ = PeerLab::free_port();
  std::uint16_t sasl_ = PeerLab::free_port();
  uid_t user_ = 0;
  gid_t group_ = 0;
  unsigned delivered_ = 0;
};

/// Takes mail for anna@peer.test (and nobody else there) from who has logged in as anna with s3cret, into a maildir.
class Exim : public Peer {
 public:
  Exim(const PeerLab& lab, std::string maildir) : folder_(lab / "exim") {
    std::string program = MAILRIG_SOURCE_DIR "/build/peers/exim/usr/sbin/exim4";
    if (!std::filesystem::exists(program)) program = "/usr/sbin/exim4";
    if (!std::filesystem::exists(program)) {
      missing_ = "Exim is not installed (ci/setup --peers)";
      return;
    }
    const passwd* user = PeerLab::is_root() ? ::getpwnam("Debian-exim") : ::getpwuid(::geteuid());
    if (::getpwnam("Debian-exim") == nullptr || user == nullptr) {
      missing_ = "Exim needs the user Debian-exim (ci/setup --peers)";
      return;
    }
    for (const char* name : {"spool", "log"}) std::filesystem::create_directories(folder_ + "/" + name);
    std::filesystem::create_directories(maildir);
    give(folder_, user->pw_uid, user->pw_gid);
    give(maildir, user->pw_uid, user->pw_gid);
    // Exim reads its configuration as root, and trusts none that another may have written.
    log_ = folder_ + "/log/mainlog";
    put(lab / "exim.conf", fmt::format(R"(exim_path = {0}
notifier_socket =
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
primary_hostname = localhost
spool_directory = {1}/spool
log_file_path = {1}/log/%slog
pid_file_path = {1}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {2} : {3}
tls_on_connect_ports = {3}
tls_advertise_hosts = *
tls_certificate = {4}
tls_privatekey = {5}
message_size_limit = 1M
accept_8bitmime = true
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = accept
begin acl
acl_rcpt:
  deny    message = authentication required
          !authenticated = *
  accept  local_parts = anna
          domains = peer.test
  deny    message = no such user
begin routers
all:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {6}
  user = {7}
begin retry
* * F,1h,5m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if and{{{{eq{{$auth2}}{{anna}}}}{{eq{{$auth3}}{{s3cret}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{anna}}}}{{eq{{$auth2}}{{s3cret}}}}}}}}
  server_set_id = $auth1
)",
                                       program, folder_, plain_, implicit_, lab / "chain.pem", key_for(lab, *user),
                                       maildir, user->pw_name));
    start({program, "-bdf", "-C", lab / "exim.conf"}, plain_, lab / "exim.out");
  }

  std::string plain() const { return at_localhost(plain_); }
  std::string implicit() const { return at_localhost(implicit_); }

 private:
  static std::string key_for(const PeerLab& lab, const passwd& user) {
    std::string path = lab / "exim-key.pem";
    put(path, contents(lab / "key.pem"));
    if (PeerLab::is_root() && ::chown(path.c_str(), user.pw_uid, user.pw_gid) != 0) ADD_FAILURE() << "chown " << path;
    return path;
  }

  std::string folder_;
  std::uint16_t plain_ = PeerLab::free_port();
  std::uint16_t implicit_ = PeerLab::free_port();
};

/// The same by Postfix, which asks Dovecot about passwords.
class Postfix : public Peer {
 public:
  Postfix(const PeerLab& lab, const Dovecot& dovecot, const std::string& mail_folder) : folder_(lab / "postfix") {
    const std::string program = "/usr/lib/postfix/sbin/master";
    if (!std::filesystem::exists(program)) {
      missing_ = "Postfix is not installed (ci/setup --peers)";
      return;
    }
    const passwd* owner = ::getpwnam("postfix");
    if (!PeerLab::is_root() || owner == nullptr || ::getgrnam("postdrop") == nullptr) {
      missing_ = "Postfix starts only as root, with its users postfix and postdrop";
      return;
    }
    for (const char* name : {"conf", "queue", "data"}) std::filesystem::create_directories(folder_ + "/" + name);
    std::filesystem::create_directories(mail_folder);
    give(folder_ + "/data", owner->pw_uid, owner->pw_gid);
    give(mail_folder, dovecot.user(), dovecot.group());
    log_ = folder_ + "/log";
    put(folder_ + "/conf/main.cf", fmt::format(R"(compatibility_level = 3.6
queue_directory = {0}/queue
data_directory = {0}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {0}/log
maillog_file_prefixes = {0}
myhostname = localhost
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = peer.test
virtual_mailbox_base = {1}
virtual_mailbox_maps = inline:{{anna@peer.test=Maildir/}}
virtual_uid_maps = static:{2}
virtual_gid_maps = static:{3}
virtual_minimum_uid = 1
message_size_limit = 1000000
smtpd_tls_chain_files = {4}
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{5}
smtpd_tls_auth_only = no
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
)",
                                               folder_, mail_folder, dovecot.user(), dovecot.group(),
                                               lab / "key-and-chain.pem", dovecot.sasl_port()));
    put(folder_ + "/conf/master.cf", fmt::format(R"(127.0.0.1:{0} inet n - n - - smtpd
127.0.0.1:{1} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
postlog   unix-dgram n  -       n       -       1       postlogd
)",
                                                 plain_, implicit_));
    Ran checked = run({"/usr/sbin/postfix", "-c", folder_ + "/conf", "check"});
    if (checked.code != 0) ADD_FAILURE() << "postfix check: " << to_text(checked);
    start({program, "-c", folder_ + "/conf", "-d"}, plain_, folder_ + "/out");
  }

  std::string plain() const { return at_localhost(plain_); }
  std::string implicit() const { return at_localhost(implicit_); }

 private:
  std::string folder_;
  std::uint16_t plain_ = PeerLab::free_port();
  std::uint16_t implicit_ = PeerLab::free_port();
};

}  // namespace mailrig::cli::testing
