#include "client/store/failing_store.h"

#include <algorithm>

namespace mailrig::client {

Status FailingStore::commit(MailBatch& batch) {
  if (dead_) return death();
  ++commits_;
  for (const StoreFault& fault : faults_) {
    if (commits_ < fault.commit || commits_ > std::max(fault.commit, fault.until)) continue;
    switch (fault.how) {
      case StoreFault::How::full:
        return Error{Errc::environment, "the database cannot be written: database or disk is full", Step::store};
      case StoreFault::How::busy:
        return Error{Errc::environment, "the database cannot be written: database is locked", Step::store};
      case StoreFault::How::dies_before: dead_ = true; return death();
      case StoreFault::How::dies_after: {
        Status stored = store_->commit(batch);
        dead_ = true;
        return stored ? death() : stored;
      }
    }
  }
  return store_->commit(batch);
}

}  // namespace mailrig::client
