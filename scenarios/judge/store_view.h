#pragma once
/// The client's database as the judge reads it: by SQL of its own, through a connection of its own, so that it sees
/// what is committed and nothing else. The schema is the contract of client/store/store.h.
///
///   SqliteStoreView view(place.uri());
///   view.client_has_opened();                 // before that there is nothing to see
///   view.stored("work", sum) == 1;

#include <memory>
#include <string>

#include "scenarios/judge/invariants.h"

namespace mailrig::scenarios {

class SqliteStoreView final : public StoreView {
 public:
  explicit SqliteStoreView(std::string uri);
  ~SqliteStoreView() override;

  /// The tables are laid; from now on the judge may look. Also keeps a database in memory alive while the client
  /// restarts.
  void client_has_opened();

  std::uint64_t stored(std::string_view account, const Sha256::Digest& sum) override;
  std::vector<Row> rows() override;
  std::vector<Row> spoilt() override;
  /// What went wrong with the judge's own reading; empty: nothing.
  const std::string& trouble() const { return trouble_; }

 private:
  struct Database;

  std::uint64_t count_known(std::string_view account, const Sha256::Digest& sum);
  std::uint64_t count_all(std::string_view account, const Sha256::Digest& sum);

  std::string uri_;
  std::unique_ptr<Database> database_;
  std::string trouble_;
};

}  // namespace mailrig::scenarios
