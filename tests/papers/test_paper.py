from gan_mri import papers, recipes


def test_a_paper_is_found_by_the_name_of_its_recipes():
    paper = papers.of("welander")
    assert paper is papers.welander.PAPER
    assert "CycleGAN" in paper.title and paper.findings


def test_a_paper_without_a_module_has_its_name_alone():
    assert papers.of("nobody") == papers.Paper(title="nobody")


def test_every_module_of_papers_belongs_to_recipes():
    for name in ("maheshwari", "wada", "welander"):
        assert recipes.methods_of(name) and papers.of(name).source
