"""Hand-made SIE files that obey, of each kind, and one with a checksum."""

EXPORT = r"""#FLAGGA 0
#PROGRAM "Prov" 1.0
#FORMAT PC8
#GEN 20260105 AN
#SIETYP 4
#PROSA "åäö ÅÄÖ é ü, 5÷2"
#FTYP AB
#FNR C:\bok
#ORGNR 556334-3689 1
#BKOD 82300
#ADRESS "" "Box 21" "211 20  MALMÖ" ""
#FNAMN "Måleri \"Penseln\" AB"
#RAR 0 20250101 20251231
#RAR -1 20240101 20241231
#TAXAR 2026
#OMFATTN 20251231
#KPTYP BAS2025
#VALUTA SEK
#KONTO 1510 Kundfordringar
#KTYP 1510 T
#SRU 1510 7251
#SRU 1510 7252
#KONTO 1910 "Kassa {liten}"
#KONTO 2010 "Eget kapital"
#KONTO 2611 "Utgående moms"
#KONTO 3011 Försäljning
#ENHET 3011 liter
#DIM 20 "Avdelning"
#UNDERDIM 21 "Underavdelning" 20
#OBJEKT 20 "01" "Barnavd"
#OBJEKT 6 "47" "Projekt ett"
#IB -1 1910 700.00
#IB -1 2010 -700
#UB -1 1910 1000
#UB -1 2010 -700
#RES -1 3011 -300
#IB 0 1910 1000.00
#IB 0 2010 -1000.00
#OIB 0 1910 {6 "47"} 12.5 3
#OUB 0 1910 {6 "47"} 12.5
#UB 0 1910 1125.00
#UB 0 2010 -1000.00
#UB 0 2611 -25.00
#RES 0 3011 -100.00 -4.125
#PSALDO 0 202502 3011 {} -100.00
#PSALDO 0 202502 3011 {20 "01"} -40
#PBUDGET 0 202502 3011 {} -90

#VER A 1 20250201 "Faktura \"7\"" 20260102 AN
{
	#TRANS 1510 { } 125.00
	#TRANS	2611  {} -25.0 "" "" -1 "A N"
	#BTRANS 1910 {} 77 20250201 "struken"
	#RTRANS 3011 {"20" 01 6 "47"} -100 20250202 "såld 5\"" -2.5
	#TRANS 3011 {"20" 01 6 "47"} -100 20250202 "såld 5\"" -2.5
}
#VER LEV1 1 20250301
{
#TRANS 1910 {} 125
#TRANS 1510 {} -125
}
#VER A 3 20251231 "" "" ""
{
#TRANS 1910 {} -0.05
#TRANS 1910 {} 0.05
}
"""

IMPORT = r"""#FLAGGA 1
#PROGRAM Prov 1.0
#FORMAT PC8
#GEN 20260105
#SIETYP 4
#FNAMN Penseln
#RAR 0 20250101 20251231
#KONTO 1910 Kassa
#UNDERDIM 21 "Underavdelning" 1
#VER "" "" 20250102 "Porto"
{
#TRANS 1910 {} -1000.00
#TRANS 2640 {} 200.00
#TRANS 6250 {1 "5" 21 "02"} 800.00
}
#VER "" "" 20250102 "Porto"
{
#TRANS 1910 {} -1
#TRANS 6250 {} 1
}
"""

# Each brace, separator and quotation mark that 10.14 leaves out is in this file once.
SUMMED = r"""#FLAGGA 0
#KSUMMA
#PROGRAM "Prov" 1.0
#FORMAT PC8
#GEN 20260105
#SIETYP 4
#FNAMN   "Måleri \"Penseln\" AB"

#KONTO	1915 "Kassa \"special\""
#VER A 1 20250201 "" 20250202
{
  #TRANS 1915 {6 "47" 1 "5  x"} 100.00
  #TRANS 3011 { } -100
}
#KSUMMA {sum}
"""
COUNTED = (
    '#PROGRAMProv1.0#FORMATPC8#GEN20260105#SIETYP4#FNAMNMåleri "Penseln" AB'
    '#KONTO1915Kassa "special"#VERA12025020120250202'
    "#TRANS191564715  x100.00#TRANS3011-100"
)


def polynomial_crc(data: bytes) -> int:
    """CRC-32 bit by bit, from 10.11-10.13: EDB88320, from FFFFFFFF, inverted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def summed(add: int = 0) -> str:
    """The file with a checksum, which is `add` too high."""
    return SUMMED.replace("{sum}", str(polynomial_crc(COUNTED.encode("cp437")) + add))
