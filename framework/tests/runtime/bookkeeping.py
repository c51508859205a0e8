"""A definition for the runtime's tests: accounts with a balance, and what is said when they change."""

from typing import Annotated

from pydantic import Field

from thestack import (
    UNSET,
    Caller,
    Clock,
    Connection,
    Counter,
    Entity,
    Event,
    Filter,
    Id,
    Index,
    Input,
    Key,
    Mail,
    Mailer,
    Message,
    Once,
    OneOf,
    Owned,
    Page,
    Patch,
    Problem,
    Reject,
    Service,
    Store,
    Unset,
    group,
    owner,
    public,
    signed_in,
)

service = Service("bookkeeping", page=(3, 10))
Name = Annotated[str, Field(min_length=1, max_length=10)]


class Account(Entity, key="id", owner="owner_id", allow=owner | group("auditors")):
    id: Id
    owner_id: Id
    name: Name
    colour: str = "red"
    by_name = Index("owner_id", "name", sort=str)


class Total(Entity, key=Key("kind", "name"), allow=public):
    kind: str
    name: str
    opened: Counter = 0


class Secret(Entity, key="id", owner="owner_id", allow=group("auditors")):
    id: Id
    owner_id: Id


class Opened(Event, name="account.opened", version=1):
    account_id: Id
    owner_id: Id


class Closed(Event, name="account.closed", version=1):
    account_id: Id


class Welcome(Message, queue="welcome"):
    account_id: Id
    owner_id: Id


class OpenAccount(Input):
    id: Id
    name: Name


class EditAccount(Patch[Account]):
    name: Name | Unset = UNSET
    colour: str | Unset = UNSET


class AccountFilter(Filter[Account]):
    colour: OneOf[str] | None = None


class Overdrawn(Problem, code="OVERDRAWN"): ...


service.crud(Account, allow=signed_in)


@service.query(allow=signed_in)
async def accounts(
    page: Page, where: AccountFilter | None = None, *, mine: Owned[Account]
) -> Connection[Account]:
    return await mine.page(Account.by_name, page, where=where)


@service.query(allow=signed_in)
async def accounts_backwards(page: Page, *, mine: Owned[Account]) -> Connection[Account]:
    return await mine.page(Account.by_name.descending(), page)


@service.query(allow=signed_in)
async def writing_query(id: Id, *, mine: Owned[Account]) -> Account:
    account = await mine.get(id)
    account.colour = "green"
    return await mine.put(account)


@service.query(allow=public)
async def leaked(*, secrets: Store[Secret]) -> Secret:
    return Secret(id=Id("s"), owner_id=Id("alice"))


@service.query(allow=public)
async def totals(page: Page, *, totals: Store[Total]) -> Connection[Total]:
    return await totals.within("accounts").page(page=page)


@service.mutation(allow=signed_in)
async def open_account(
    input: OpenAccount, *, mine: Owned[Account, Opened | Welcome], caller: Caller
) -> Account:
    account = Account(id=input.id, owner_id=caller.id, name=input.name)
    opened = Opened(account_id=account.id, owner_id=caller.id)
    return await mine.put(account, emit=[opened, Welcome(account_id=account.id, owner_id=caller.id)])


@service.mutation(allow=signed_in)
async def edit_account(id: Id, input: EditAccount, *, mine: Owned[Account]) -> Account:
    return await mine.put(input.apply(await mine.get(id)))


@service.mutation(allow=signed_in)
async def close_account(id: Id, *, mine: Owned[Account, Closed]) -> Account:
    account = await mine.get(id)
    await mine.delete(account, emit=Closed(account_id=id))
    return account


@service.mutation(allow=signed_in)
async def overdraw(id: Id, *, mine: Owned[Account, Closed]) -> Account:
    await mine.put(await mine.get(id), emit=Closed(account_id=id))
    raise Overdrawn("There is not that much.")


@service.mutation(allow=signed_in)
async def crash(*, mine: Owned[Account]) -> Account:
    raise RuntimeError("password=hunter2")


@service.on()
async def tally(event: Opened, /, *, totals: Store[Total]) -> None:
    await totals.within("accounts").add(Total(kind="accounts", name="all", opened=1))


@service.queue()
async def welcome(
    message: Welcome, /, *, accounts: Store[Account, Closed], mailer: Mailer, once: Once, clock: Clock
) -> None:
    theirs = accounts.owned_by(message.owner_id)
    account = await theirs.find(message.account_id)
    if account is None:
        raise Reject("the account is gone")
    await once("mail", lambda: mailer.send(Mail(to="a@example.com", subject="Welcome", text=account.name)))
    account.colour = "blue"
    await theirs.put(account, emit=Closed(account_id=account.id))
