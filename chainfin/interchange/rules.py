"""The business rules of EN 16931, run from the compiled Schematron the operator points to.

The rules are data, published by CEN as XSLT 2 for each syntax and renewed twice a year; the
product ships none. A failed rule is a finding with its id, its place in the XML and its text.
"""

import re
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor, PyXsltExecutable

from chainfin.domain.errors import BusinessRuleFailed, FileUnsafe, RulesUnusable
from chainfin.domain.findings import Finding, Severity
from chainfin.interchange.limits import DEFAULT_LIMITS, Limits
from chainfin.interchange.xml import Element

UBL_STYLESHEET = "EN16931-UBL-validation.xslt"
CII_STYLESHEET = "EN16931-CII-validation.xslt"

_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_STEP = re.compile(r"\*:(\w+)\[namespace-uri\(\)='[^']*'\]")


class BusinessRules:
    """The compiled rules of both syntaxes; built once, used for every invoice.

    Saxon is bound to the thread it was started on, so it has one of its own; callers wait there
    no longer than the limits say.
    """

    def __init__(self, folder: Path, limits: Limits = DEFAULT_LIMITS) -> None:
        """Compile the stylesheets of a folder.

        Raises:
            RulesUnusable: one is missing, or is no stylesheet.
        """
        self._folder = folder
        self._seconds = limits.seconds
        self._start()

    def check(self, root: Element, *, is_cii: bool) -> list[Finding]:
        """Run the rules of an invoice's syntax over it.

        Raises:
            FileUnsafe: they take longer than the limit.
        """
        text = etree.tostring(root, encoding="unicode")
        task = self._thread.submit(self._run, text, is_cii)
        try:
            report = task.result(timeout=self._seconds)
        except TimeoutError:
            # The thread may be busy for ever; the next invoice gets a new one.
            busy = self._thread
            self._start()
            busy.shutdown(wait=False, cancel_futures=True)
            raise FileUnsafe(
                f"checking its rules takes longer than {self._seconds} seconds"
            ) from None
        except CancelledError:
            # Another invoice took too long, and its thread was given up with this one waiting.
            return self.check(root, is_cii=is_cii)
        return [
            _finding(failed) for failed in etree.fromstring(report).iter(f"{_SVRL}failed-assert")
        ]

    def _start(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="business-rules")
        self._thread.submit(self._compile, self._folder).result()

    def _compile(self, folder: Path) -> None:
        self._processor = PySaxonProcessor(license=False)
        compiler = self._processor.new_xslt30_processor()
        compiled: list[PyXsltExecutable] = []
        for name in (UBL_STYLESHEET, CII_STYLESHEET):
            file = folder / name
            if not file.is_file():
                raise RulesUnusable(str(file), "there is no such file")
            try:
                compiled.append(compiler.compile_stylesheet(stylesheet_file=str(file)))
            except PySaxonApiError as error:
                raise RulesUnusable(str(file), str(error)[:200]) from None
        self._ubl, self._cii = compiled

    def _run(self, text: str, is_cii: bool) -> bytes:  # noqa: FBT001 - an executor passes no names
        processor = self._processor  # held while it runs, whatever replaces it
        document = processor.parse_xml(xml_text=text)
        rules = self._cii if is_cii else self._ubl
        return str(rules.transform_to_string(xdm_node=document)).encode()


def _finding(failed: Element) -> Finding:
    text = " ".join((failed.findtext(f"{_SVRL}text") or "").split())
    rule_id = failed.get("id") or "?"
    place = _STEP.sub(r"\1", failed.get("location") or "")
    severity = Severity.FATAL if failed.get("flag") == "fatal" else Severity.WARNING
    return Finding(BusinessRuleFailed(rule_id, text.removeprefix(f"[{rule_id}]-")), place, severity)
