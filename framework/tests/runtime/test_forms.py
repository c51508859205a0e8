"""Forms: as browsers and mailboxes post them."""

from thestack.runtime.forms import MOST_FIELDS, first_of, form_of

MULTIPART = b"""\
--xyz\r
Content-Disposition: form-data; name="List-Unsubscribe"\r
\r
One-Click\r
--xyz\r
Content-Disposition: form-data; name="List-Unsubscribe"\r
\r
again\r
--xyz\r
Content-Disposition: form-data; name="name"\r
Content-Type: text/plain; charset=utf-8\r
\r
Zo\xc3\xab\r
--xyz\r
Content-Disposition: form-data; name="photo"; filename="me.png"\r
Content-Type: image/png\r
\r
\x89PNG\r
--xyz--\r
"""


def test_a_query_has_the_first_value_of_each_name_and_its_empty_ones() -> None:
    assert first_of("a=1&b=&a=2&c=%C3%AB") == {"a": "1", "b": "", "c": "ë"}


def test_a_form_is_read_as_it_is_written() -> None:
    assert form_of("application/x-www-form-urlencoded; charset=utf-8", b"a=1&b=x+y") == {"a": "1", "b": "x y"}
    assert form_of('multipart/form-data; boundary="xyz"', MULTIPART) == {
        "List-Unsubscribe": "One-Click",
        "name": "Zoë",
    }


def test_what_is_no_form_has_no_fields() -> None:
    assert form_of("application/json", b'{"a": 1}') == {}
    assert form_of("", b"a=1") == {}


def test_a_broken_form_has_no_fields_and_ends_no_request() -> None:
    assert form_of("multipart/form-data", MULTIPART) == {}
    assert form_of("multipart/form-data; boundary=other", MULTIPART) == {}
    assert form_of("multipart/form-data; boundary=xyz\r\nx: y", b"") == {}
    assert form_of("application/x-www-form-urlencoded", b"&".join([b"a=1"] * (MOST_FIELDS + 1))) == {}
    assert form_of("application/x-www-form-urlencoded", b"a=\xff") == {"a": "\ufffd"}
